// SPDX-License-Identifier: Apache-2.0
#include "app/applied_by.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace majed::app {
namespace {

constexpr std::size_t longest_host = 256;
constexpr std::size_t longest_entry = 16384;

std::string user_name() {
    std::array<char, longest_entry> texts{};
    passwd entry{};
    passwd* found = nullptr;
    const uid_t user = ::geteuid();
    const int failed = ::getpwuid_r(user, &entry, texts.data(), texts.size(), &found);
    return failed == 0 && found != nullptr ? found->pw_name : std::to_string(user);
}

}  // namespace

std::string applied_by() {
    std::array<char, longest_host> host{};
    // A name that does not fit is cut, and perhaps not ended.
    static_cast<void>(::gethostname(host.data(), host.size() - 1));
    return user_name() + "@" + host.data();
}

}  // namespace majed::app
