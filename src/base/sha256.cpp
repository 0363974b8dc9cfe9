#include "base/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <vector>

#include "vivace/error.hpp"

namespace vivace::base {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::string_view kHexDigits = "0123456789abcdef";

void require(int status) {
  if (status != 1) throw Error(ErrorCode::internal, "OpenSSL cannot compute a digest");
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 0xF];
  }
  return text;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::update(std::string_view bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), &length));
  return hexadecimal({reinterpret_cast<const char*>(digest.data()), length});
}

std::string md5(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr));
  return hexadecimal({reinterpret_cast<const char*>(digest.data()), length});
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) throw Error(ErrorCode::not_found, path.string(), "no such file");
  std::ifstream stream(path, std::ios::binary);
  Sha256 digest;
  std::vector<char> piece(kPieceBytes);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())), stream.gcount() > 0) {
    digest.update({piece.data(), static_cast<std::size_t>(stream.gcount())});
  }
  if (!stream.eof()) throw Error(ErrorCode::unavailable, path.string(), "cannot be read");
  return digest.finish();
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

std::string openssl_version() { return ::OpenSSL_version(OPENSSL_VERSION); }

}  // namespace vivace::base
