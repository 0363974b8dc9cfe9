#pragma once

/// Marks a function with a hot loop: it is compiled for several instruction sets, and the best one that the machine has
/// is called. The loop must be one that the compiler vectorises. Not with sanitizers, which cannot run the choice.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define VIVACE_VECTORISED [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define VIVACE_VECTORISED
#endif
