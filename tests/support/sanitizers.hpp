#pragma once

namespace vivace::test {

#if defined(__has_feature)  // Clang
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VIVACE_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VIVACE_SANITIZED
#endif

/// Whether this is a build with a sanitizer. Those leave out backends and plug-ins, whose libraries were built without.
#ifdef VIVACE_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vivace::test
