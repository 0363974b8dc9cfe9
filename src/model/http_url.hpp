#pragma once

#include <string>

namespace vivace::model {

/// An address that can be requested, in the two parts that a client needs.
struct HttpUrl {
  std::string origin;  ///< scheme, host and port, e.g. "https://example.org:8443"
  std::string target;  ///< path and query, e.g. "/models/a.onnx?v=1"

  std::string text() const { return origin + target; }
};

/// Splits "http(s)://host[:port][/path][?query]"; a fragment is dropped.
/// Throws Error(invalid_argument) for other schemes, an empty host, a password, blanks and control characters.
HttpUrl parse_http_url(const std::string& url);

/// The address that a `Location` header on `base` means: absolute, or relative to the host or the path.
/// Throws as parse_http_url, and Error(unavailable) where it leads from https to http.
HttpUrl resolve_redirect(const HttpUrl& base, const std::string& location);

}  // namespace vivace::model
