"""Generate sequences whose label follows a known rule: python Generate_sequences.py --help."""

from seqdatasets.simulation.command import main

if __name__ == "__main__":
    main()
