// SPDX-License-Identifier: Apache-2.0
#include "core/secret.h"

namespace majed {

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = std::move(other.text_);
        other.wipe();
    }
    return *this;
}

void Secret::wipe() noexcept {
    // A short string that was moved from has no length but keeps its bytes: the whole buffer counts.
    text_.resize(text_.capacity());
    // volatile: the compiler may not drop writes to memory that is about to be freed.
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
    text_.clear();
}

}  // namespace majed
