#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace vivace::base {

/// SHA-256 of bytes that come piece by piece. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// The digest of all bytes so far as 64 lower-case hexadecimal digits. The object takes no more bytes afterwards.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The digest of a whole file, read in pieces. Throws Error: not_found, unavailable (cannot be read).
std::string sha256_of_file(const std::filesystem::path& path);

/// The MD5 of some bytes as 32 lower-case hexadecimal digits: a name that others give, nothing to rely on.
std::string md5(std::string_view bytes);

/// True for 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);

/// The version of the library behind it, e.g. "OpenSSL 3.0.17 1 Jul 2025".
std::string openssl_version();

}  // namespace vivace::base
