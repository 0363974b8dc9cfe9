#include "base/npy.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::base {
namespace {

using test::expect_contains;
using test::expect_error;

// As numpy.save writes float32 [[1, 2]] (format version 1.0).
std::string file_of(const std::string& description, const std::string& data) {
  std::string header = description;
  header.resize(118 - 1, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + data;
}

const std::string kOneTwo("\x00\x00\x80\x3f\x00\x00\x00\x40", 8);

class Npy : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) {
    test::write_text(folder_ / "a.npy", bytes);
    return folder_ / "a.npy";
  }
  test::TemporaryFolder folder_;
};

TEST_F(Npy, HoldsShapeAndValues) {
  const auto array = read_npy(write(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", kOneTwo)));
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(array.values, (std::vector<float>{1, 2}));
}

TEST_F(Npy, OtherTypesAndOrdersAreUnsupported) {
  for (const char* description : {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
                                  "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }"}) {
    expect_contains(expect_error(ErrorCode::unsupported, [&] { read_npy(write(file_of(description, kOneTwo))); }),
                    "float32");
  }
}

TEST_F(Npy, DamageIsNamed) {
  const std::string whole = file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", kOneTwo);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(ErrorCode::corrupt_data, [&] { read_npy(write(whole.substr(0, size))); });
  }
  for (const char* shape : {"(-1, 2)", "(99999999999, 99999999999)", "(1, x)", "(3,)"}) {
    const std::string description = std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") + shape + ", }";
    expect_error(ErrorCode::corrupt_data, [&] { read_npy(write(file_of(description, kOneTwo))); });
  }
  expect_error(ErrorCode::not_found, [&] { read_npy(folder_ / "none.npy"); });
}

}  // namespace
}  // namespace vivace::base
