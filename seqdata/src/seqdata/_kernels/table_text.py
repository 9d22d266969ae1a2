"""Text of delimited tables: where its fields are, the letters of a column, and the numbers of one."""

import numpy as np

from seqpro.kernel import kernel

NEWLINE, RETURN, SPACE, QUOTE = 10, 13, 32, 34
PLUS, MINUS, DOT, EXPONENT = 43, 45, 46, 101
FIRST_SIGN, LAST_SIGN = 33, 126  # of ASCII, without white space and control codes
STRIDE = 32  # bytes looked at in one go where a field is long

# kinds of cells
MISSING, WHOLE, NUMBER, LONG_NUMBER, TEXT, UNSURE = 0, 1, 2, 3, 4, 5

MOST_DIGITS = 15  # of a whole number that a float64 surely has exactly
POWERS = np.array([10.0**k for k in range(23)])  # the powers of ten that a float64 has exactly
MOST_POWER = POWERS.size - 1
NO_TEXT = (b"true", b"false", b"inf", b"infinity")


@kernel
def find_fields(text, separator, spans):
    """Write begin and end of each row's fields, (rows, columns, 2), and give the rows there are.

    Text ends with a line end. Fields in quotes are given without them. Gives -1 where a row has another
    number of fields, and where what is meant is not plain: quotes or line ends within a field.
    """
    columns = spans.shape[1]
    row, i = 0, 0
    while i < text.size:
        if text[i] == NEWLINE or (text[i] == RETURN and text[i + 1] == NEWLINE):
            i += 1 if text[i] == NEWLINE else 2
            continue
        for column in range(columns):
            is_quoted = text[i] == QUOTE
            i += is_quoted
            spans[row, column, 0] = i
            i = _field_end(text, i, np.uint8(QUOTE if is_quoted else separator))
            spans[row, column, 1] = i
            if (text[i] == QUOTE) != is_quoted:
                return -1
            i += is_quoted
            if text[i] == RETURN and text[i + 1] == NEWLINE:
                i += 1
            if text[i] != (NEWLINE if column == columns - 1 else separator):
                return -1
            i += 1
        row += 1
    return row


@kernel
def _field_end(text, i, closing):
    """Find the next byte that ends a field, or may: closing byte, quote or line end."""
    while i + STRIDE <= text.size:
        found = False
        for byte in text[i : i + STRIDE]:
            found |= (byte == closing) | (byte == np.uint8(NEWLINE))
            found |= (byte == np.uint8(RETURN)) | (byte == np.uint8(QUOTE))
        if found:
            break
        i += STRIDE
    while text[i] != closing and text[i] != NEWLINE and text[i] != RETURN and text[i] != QUOTE:
        i += 1
    return i


@kernel
def read_letters(text, spans):
    """Give the letters of one column without the spaces around them, each row's size, and if all is well.

    Nothing is well where a row is empty, or something is no sign of ASCII.
    """
    begins = np.empty(spans.shape[0], np.int64)
    sizes = np.empty(spans.shape[0], np.int64)
    for row in range(spans.shape[0]):
        begin, end = spans[row, 0], spans[row, 1]
        while begin < end and text[begin] == SPACE:
            begin += 1
        while begin < end and text[end - 1] == SPACE:
            end -= 1
        begins[row], sizes[row] = begin, end - begin
    letters = np.empty(sizes.sum(), np.uint8)
    place, odd = 0, False
    for row in range(spans.shape[0]):
        size = sizes[row]
        source, target = text[begins[row] : begins[row] + size], letters[place : place + size]
        odd |= size == 0
        for i in range(size):
            target[i] = source[i]
            odd |= (source[i] < FIRST_SIGN) | (source[i] > LAST_SIGN)
        place += size
    return letters, sizes, not odd


@kernel
def read_cells(text, spans, words, word_ends, kinds, values):
    """Write the kind of each cell of a column, and the value of numbers that a float64 can tell exactly.

    `words`, of which word `w` ends at ``word_ends[w]``, stand for missing cells; none is a number. Where a
    number's digits and its power of ten are exact, their product or quotient is rounded once, as it should
    be. Other ones are `LONG_NUMBER`.
    """
    for row in range(spans.shape[0]):
        begin, end = spans[row, 0], spans[row, 1]
        kinds[row], values[row] = MISSING, np.nan
        if begin < end:
            kinds[row], values[row] = _cell(text, begin, end)
        if kinds[row] == TEXT:
            inner, stop = _trimmed(text, begin, end)
            if _is_among(text, begin, end, words, word_ends):
                kinds[row] = MISSING
            elif not _is_surely_text(text, inner, stop):
                kinds[row] = UNSURE


@kernel
def _is_among(text, begin, end, words, word_ends):
    """Whether a cell is one of some words."""
    first = 0
    for last in word_ends:
        if last - first == end - begin:
            same = True
            for i in range(end - begin):
                same &= text[begin + i] == words[first + i]
            if same:
                return True
        first = last
    return False


@kernel
def _trimmed(text, begin, end):
    """Span of a cell without the white space around it."""
    while begin < end and text[begin] <= SPACE:
        begin += 1
    while begin < end and text[end - 1] <= SPACE:
        end -= 1
    return begin, end


@kernel
def _is_surely_text(text, begin, end):
    """Whether a cell without the white space around it is no number, truth value or infinity."""
    if begin == end or _cell(text, begin, end)[0] != TEXT:
        return False
    if text[begin] == PLUS or text[begin] == MINUS:
        begin += 1
    for word in NO_TEXT:
        if len(word) == end - begin:
            same = True
            for i in range(len(word)):
                same &= text[begin + i] | 32 == word[i]
            if same:
                return False
    return True


@kernel
def _cell(text, begin, end):
    """Kind of a cell that is not missing, and its value if it is WHOLE or NUMBER."""
    is_negative = text[begin] == MINUS
    i = begin + (is_negative or text[begin] == PLUS)
    i, digits, seen, significant = _digits(text, i, end, 0, 0)
    is_whole = i == end
    decimals = 0
    if i < end and text[i] == DOT:
        before = seen
        i, digits, decimals, significant = _digits(text, i + 1, end, digits, significant)
        seen = before + decimals
    if seen == 0:
        return TEXT, np.nan
    power = 0
    if i < end and text[i] | 32 == EXPONENT:
        i, power = _power(text, i + 1, end)
    if i < end:
        return TEXT, np.nan
    power -= decimals
    if significant > MOST_DIGITS or abs(power) > MOST_POWER:
        return (UNSURE if is_whole else LONG_NUMBER), np.nan
    value = np.float64(digits)
    value = value * POWERS[power] if power >= 0 else value / POWERS[-power]
    return (WHOLE if is_whole else NUMBER), -value if is_negative else value


@kernel
def _digits(text, i, end, number, significant):
    """Read digits on to a number: the place after, number, digits read, digits without leading zeros."""
    begin = i
    while i < end and 48 <= text[i] <= 57:
        if significant or text[i] != 48:
            significant += 1
        if significant <= MOST_DIGITS:
            number = number * 10 + (np.int64(text[i]) - 48)
        i += 1
    return i, number, i - begin, significant


@kernel
def _power(text, i, end):
    """Read the power of ten after an e: the place after, before `end` if there is none, and the power."""
    is_negative = i < end and text[i] == MINUS
    if i < end and (is_negative or text[i] == PLUS):
        i += 1
    begin, power = i, 0
    while i < end and 48 <= text[i] <= 57:
        power = min(power * 10 + (np.int64(text[i]) - 48), 9999)
        i += 1
    return (i if i > begin else begin - 1), -power if is_negative else power


@kernel
def count_outside(letters, is_known):
    """Count each of the letters that are not known, (256,)."""
    counts = np.zeros(256, np.int64)
    for letter in letters:
        if not is_known[letter]:
            counts[letter] += 1
    return counts
