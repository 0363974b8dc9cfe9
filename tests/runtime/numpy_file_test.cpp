#include "runtime/numpy_file.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

/// As numpy.save writes it (format version 1.0).
std::string npy(std::string header, const std::string& data) {
  header.resize(118 - 1, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + data;
}

std::string described(const std::string& type, const std::string& order, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

const std::string kOneTwo("\x00\x00\x80\x3f\x00\x00\x00\x40", 8);  // as float32

TEST(NumpyFile, HoldsShapeAndValues) {
  const Tensor array = parse_npy(npy(described("<f4", "False", "(1, 2)"), kOneTwo), "a.npy");
  EXPECT_EQ(array.shape(), (Shape{1, 2}));
  EXPECT_EQ(array.values<float>()[0], 1);
  EXPECT_EQ(array.values<float>()[1], 2);
  const Tensor integers = parse_npy(npy(described("<i4", "False", "(2,)"), kOneTwo), "a.npy");
  EXPECT_EQ(integers.values<std::int32_t>()[0], 0x3f800000);
}

struct ColumnMajor {
  const char* shape;
  std::string told;
};

// As numpy.asfortranarray(numpy.arange(n).reshape(shape)) has them in memory.
TEST(NumpyFile, ColumnMajorArraysBecomeRowMajor) {
  for (const ColumnMajor& one : {ColumnMajor{"(2, 3)", {0, 3, 1, 4, 2, 5}},
                                 {"(2, 2, 3)", {0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11}},
                                 {"(6,)", {0, 1, 2, 3, 4, 5}},
                                 {"(1, 4)", {0, 1, 2, 3}},
                                 {"()", {0}},
                                 {"(0, 3)", {}}}) {
    const Tensor array = parse_npy(npy(described("|u1", "True", one.shape), one.told), "a.npy");
    ASSERT_EQ(array.values<std::uint8_t>().size(), one.told.size()) << one.shape;
    for (std::size_t i = 0; i < one.told.size(); ++i) EXPECT_EQ(array.values<std::uint8_t>()[i], i) << one.shape;
  }
  const Tensor wide = parse_npy(npy(described("<f4", "True", "(1, 2)"), kOneTwo), "a.npy");
  EXPECT_EQ(wide.values<float>()[1], 2);
  expect_error(ErrorCode::corrupt_data,
               [] { parse_npy(npy(described("<f4", "Perhaps", "(1, 2)"), kOneTwo), "a.npy"); });
}

TEST(NumpyFile, OtherTypesAreUnsupported) {
  for (const auto& header : {described(">f4", "False", "(2,)"), described("<c8", "False", "(1,)")}) {
    expect_error(ErrorCode::unsupported, [&] { parse_npy(npy(header, kOneTwo), "a.npy"); });
  }
}

TEST(NumpyFile, DamageIsNamed) {
  const std::string whole = npy(described("<f4", "False", "(1, 2)"), kOneTwo);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_contains(expect_error(ErrorCode::corrupt_data, [&] { parse_npy(whole.substr(0, size), "a.npy"); }), "a.npy");
  }
  for (const char* shape : {"(-1, 2)", "(99999999999, 99999999999)", "(1, x)", "(3,)"}) {
    const Error error = test::error_of([&] { parse_npy(npy(described("<f4", "False", shape), kOneTwo), "a.npy"); });
    EXPECT_TRUE(error.code() == ErrorCode::corrupt_data || error.code() == ErrorCode::invalid_argument) << shape;
  }
  expect_error(ErrorCode::corrupt_data,
               [] { parse_npy(npy("{'descr': '<f4', 'fortran_order': False}", ""), "a.npy"); });
  expect_error(ErrorCode::corrupt_data, [] { parse_npz("PK\x03\x04 and no directory", "a.npz"); });
}

TEST(NumpyFile, FoldersHoldArraysByTheirNames) {
  const test::TemporaryFolder folder;
  for (const char* name : {"x.npy", "y.npy"}) {
    test::write_text(folder / name, npy(described("<f4", "False", "(2,)"), kOneTwo));
  }
  test::write_text(folder / "notes.txt", "no array");
  const auto arrays = read_arrays(folder.path());
  EXPECT_EQ(arrays.size(), 2U);
  EXPECT_EQ(arrays.at("y").shape(), Shape{2});
  EXPECT_EQ(read_arrays(folder / "x.npy").at("").shape(), Shape{2});
  expect_error(ErrorCode::not_found, [&] { read_npy(folder / "none.npy"); });
}

}  // namespace
}  // namespace vivace::runtime
