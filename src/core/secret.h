/// A string that cannot be printed, logged or compared by accident, and is wiped when it dies.
///
/// Why      No secret may reach a log, an error or a metric; the type makes that a compile error.
/// Life     Move-only owner of its bytes.
/// Threads  Used by one thread at a time.
/// Not here Hashing and encryption: crypto/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace majed {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) noexcept : text_(std::move(text)) {}
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    /// The bytes, for the one call that needs them. Never store the view.
    [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    template <class Stream>
    friend Stream& operator<<(Stream&, const Secret&) = delete;
    /// How long it takes tells how much fits: crypto/digest.h compares in constant time, the stored form of a secret.
    template <class Other>
    friend bool operator==(const Secret&, const Other&) = delete;

private:
    void wipe() noexcept;
    std::string text_;
};

}  // namespace majed
