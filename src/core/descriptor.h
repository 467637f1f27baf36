/// A file descriptor of the operating system, closed at the end of its scope.
///
/// Why      A file that is opened by hand, for its modes or locks, must not stay open on any path.
/// Life     Owns the number; -1 is what a failed open gives, and is not closed.
/// Threads  As the file.
/// Not here Opening, and what the number is used for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

namespace majed {

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
};

}  // namespace majed
