"""What names of the published SeqData are called here: asking for one raises an error that says it."""

from __future__ import annotations

_TABLE = "seqdata.read_table(path, sequence=column, targets=columns, out=out)"
_FASTA = "seqdata.read_fasta(path, out=out)"
_LABELS = (
    "seqdata.label_overlaps(ds, peaks, fraction=share): targets= is peaks, one path or several by name "
    "for mode='multitask'; fraction_overlap= is fraction; label_dim= is variable"
)
_LOADER = (
    "seqdata.get_torch_dataloader(ds, variables, batch_size=32): sample_dims= is over; one-hot is asked for "
    "by ohe={'seq': seqpro.DNA}, in place of a transform"
)

PACKAGE = {
    # SeqData 0.1 and 0.2
    "from_region_files": (
        "seqdata.build(regions, out=path, length=bp, seq=seqdata.GenomeFASTA(fasta)): bed= is regions; path= "
        "is out; fixed_length= is length; readers are named by keyword; splice=True is a table of "
        "seqpro.gtf.transcripts as regions"
    ),
    "from_flat_files": f"{_FASTA} or {_TABLE}: path= is out; fixed_length= is not needed",
    "read_flat_fasta": f"{_FASTA}: fasta= is path",
    "read_genome_fasta": (
        "seqdata.build(regions, out=path, length=bp, seq=seqdata.GenomeFASTA(fasta)): bed= is regions; "
        "fixed_length= is length"
    ),
    "read_bigwig": (
        "seqdata.build(regions, out=path, length=bp, seq=seqdata.GenomeFASTA(fasta), "
        "signal=seqdata.BigWig(files)): bed= is regions; samples= and bigwigs= are one mapping"
    ),
    "read_bam": (
        "seqdata.build(regions, out=path, length=bp, seq=seqdata.GenomeFASTA(fasta), "
        "reads=seqdata.BAM(files, count='depth')): bed= is regions; samples= and bams= are one mapping; "
        "count_method= is count ('depth', 'cut_sites', 'fragments'); offset_tn5=True is shift=(4, -5)"
    ),
    "read_vcf": (
        "seqdata.build(regions, out=path, length=bp, hap=seqdata.VCF(vcf, fasta, samples=names)): "
        "bed= is regions; fixed_length= is length"
    ),
    "merge_obs": (
        "seqdata.join(ds, table, on=key, missing='drop'): obs= is table, a pandas DataFrame; left_on= and "
        "right_on= are on={left: right}; how='inner' is missing='drop'; how='left' is missing='fill'"
    ),
    "add_bed_to_sdata": (
        "seqdata.join(ds, table, on=key): bed= is table, as seqpro.bed.read_bed(path) gives it; rows are "
        "matched by key, no longer by position; for col_prefix= rename its columns"
    ),
    "add_bed": "seqdata.join(ds, table, on=key): bed= is table, as seqpro.bed.read_bed(path) gives it",
    "label_overlapping_regions": _LABELS,
    "mark_sequences_for_classification": _LABELS,
    "add_layers_from_files": (
        "seqdata.build(regions, out=path, seq=seqdata.GenomeFASTA(fasta), signal=seqdata.BigWig(files)): "
        "name all readers in one call"
    ),
    "read_bedlike": "seqpro.bed.read_bed(path)",
    "to_torch_dataloader": _LOADER,
    "XArrayDataLoader": (
        "seqdata.Loader(ds, variables, batch_size=32, shuffle=True): sample_dims= is over; batches are dicts "
        "of numpy arrays"
    ),
    "RegionBAM": "seqdata.BAM(files, count='depth')",
    "datasets": "seqdatasets.load(name); seqdatasets.list_datasets() names them",
    "alphabets": "seqpro.DNA, seqpro.RNA and seqpro.AA",
    "types": "typing.Any: readers follow the protocols of seqdata.readers",
    "TORCH_AVAILABLE": "nothing: seqdata.get_torch_dataloader(ds, variables) says what to install",
    # SeqData 0.0.1, spring 2023
    "SeqData": f"an xarray.Dataset, as {_TABLE} and {_FASTA} give it",
    "read_csv": _TABLE,
    "read_numpy": f"{_TABLE}, of a table written with pandas",
    "read_h5sd": f"{_TABLE}, of a table that SeqData 0.0.1 wrote with write_csv",
    "write_h5sd": "seqdata.to_zarr(ds, path)",
    "write_csv": "seqdata.to_table(ds, path)",
    "write_bed": "seqdata.to_bed(ds, path)",
    "write_numpy": "numpy.save(path, seqdata.chars(ds, variable))",
}
