#pragma once

namespace vivace::test {

/// Whether this is a build with a sanitizer. Those leave out backends and plug-ins, whose libraries were built without.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vivace::test
