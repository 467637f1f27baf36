// SPDX-License-Identifier: Apache-2.0
#include "blocks.h"

#include <cstdlib>

namespace {

std::size_t taken = 0;

}  // namespace

// Counted; glibc's own do the work. Benchmarks run on one thread.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);

void* malloc(std::size_t size) noexcept {
    ++taken;
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    ++taken;
    return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) noexcept {
    ++taken;
    return __libc_realloc(block, size);
}
}

std::size_t majed::bench::blocks_taken() noexcept {
    return taken;
}
