#include "model/http_url.hpp"

#include <algorithm>
#include <string_view>

#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

constexpr std::string_view kSecure = "https://";
constexpr std::string_view kPlain = "http://";

bool has_scheme(std::string_view url) {
  const std::size_t colon = url.find("://");
  return colon != std::string_view::npos && colon < url.find_first_of("/?#");
}

}  // namespace

HttpUrl parse_http_url(const std::string& url) {
  const std::string_view scheme = url.starts_with(kSecure) ? kSecure : url.starts_with(kPlain) ? kPlain : "";
  const std::string plain = url.substr(0, url.find('#'));
  const std::size_t host_end = std::min(plain.find_first_of("/?", scheme.size()), plain.size());
  const bool blank = std::any_of(plain.begin(), plain.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
  const std::string_view host = std::string_view(plain).substr(scheme.size(), host_end - scheme.size());
  if (scheme.empty() || host.empty() || blank || host.find('@') != std::string_view::npos) {
    throw Error(ErrorCode::invalid_argument, in_quotes(url), "not an address of the form https://host/path");
  }
  const std::string target = plain.substr(host_end);
  return {plain.substr(0, host_end), target.starts_with('/') ? target : "/" + target};
}

HttpUrl resolve_redirect(const HttpUrl& base, const std::string& location) {
  const bool secure = base.origin.starts_with(kSecure);
  if (has_scheme(location)) {
    if (secure && !location.starts_with(kSecure)) {
      throw Error(ErrorCode::unavailable, base.text(), "redirects to an address without https: " + in_quotes(location));
    }
    return parse_http_url(location);
  }
  if (location.starts_with("//")) return parse_http_url((secure ? "https:" : "http:") + location);
  if (location.starts_with('/')) return parse_http_url(base.origin + location);
  const std::string path = base.target.substr(0, base.target.find('?'));
  return parse_http_url(base.origin + path.substr(0, path.rfind('/') + 1) + location);
}

}  // namespace vivace::model
