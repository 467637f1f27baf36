/// The Oracle client double, steered from a test in the same process.
///
/// Why      Tests say "the server restarts now"; ODPI-C loads the double by name, so it is reached by dlsym.
/// Life     Loads the library and keeps it loaded; ODPI-C then finds the same one.
/// Threads  Any.
/// Not here What each call does: ../control.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace majed::doubles {

/// The folder to give ODPI-C as oracleClientLibDir.
std::string oci_double_folder();

class OciDouble {
public:
    /// Databases lie in `folder`; sets the environment, so before any other thread and before ODPI-C's first context.
    /// An empty password accepts any.
    OciDouble(const std::string& folder, const std::string& password);

    /// False when the script was not understood.
    bool script(const std::string& text) const { return script_(text.c_str()) != 0; }
    void down(bool is_down) const { down_(is_down ? 1 : 0); }
    void restart() const { restart_(); }
    void release_hangs() const { release_hangs_(); }

    std::uint64_t connect_attempts() const { return connect_attempts_(); }
    std::uint64_t sessions_opened() const { return sessions_opened_(); }
    std::uint64_t sessions_open() const { return sessions_open_(); }
    std::uint64_t round_trips() const { return round_trips_(); }

private:
    using Count = std::uint64_t (*)();
    using Act = void (*)();

    int (*script_)(const char*) = nullptr;
    void (*down_)(int) = nullptr;
    Act restart_ = nullptr;
    Act release_hangs_ = nullptr;
    Count connect_attempts_ = nullptr;
    Count sessions_opened_ = nullptr;
    Count sessions_open_ = nullptr;
    Count round_trips_ = nullptr;
};

}  // namespace majed::doubles
