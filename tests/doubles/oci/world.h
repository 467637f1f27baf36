/// The one "server" of the process: whether it is up, since when, its script, its counts.
///
/// Why      A restart or a rule concerns every session; sessions ask here at each round trip.
/// Life     Made at the first call, never destroyed: threads of the application may outlive any destructor.
/// Threads  Any.
/// Not here Waiting and losing: session.h. What a test calls: control.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "script.h"

namespace majed::oci_double {

struct WorldCounts {
    std::atomic<std::uint64_t> connect_attempts{0};
    std::atomic<std::uint64_t> sessions_opened{0};
    std::atomic<std::uint64_t> sessions_open{0};
    std::atomic<std::uint64_t> round_trips{0};
};

class World {
public:
    World();

    /// Reads the control file again when it changed.
    void refresh();

    void set_script(std::string_view text);
    void set_down(bool down);
    /// Every session opened before is lost.
    void restart() { ++generation_; }
    void release_hangs();

    bool is_down() const { return down_; }
    std::uint64_t generation() const { return generation_; }
    bool timeout_loses_session() const { return timeout_loses_session_; }
    bool is_read_only() const { return read_only_; }

    /// An error when the script was not understood.
    Failure script_problem() const;
    std::optional<Fate> fate_of(Event event, std::string_view subject, std::uint64_t row);
    bool accepts_password(std::string_view password) const;
    /// Of the service's database; nothing for a name that is no file name.
    std::optional<std::filesystem::path> database_of(std::string_view service) const;

    /// Waits, deaf to everything but release_hangs.
    void hang(std::chrono::milliseconds time);
    std::uint64_t next_session_id() { return ++last_session_id_; }

    WorldCounts counts;

private:
    void apply(const ServerWishes& wishes);

    mutable std::mutex mutex_;
    std::condition_variable released_;
    std::uint64_t releases_ = 0;
    Script script_;
    std::optional<std::string> password_;
    std::filesystem::path folder_;
    std::filesystem::path control_file_;
    std::string control_stamp_;

    std::atomic<bool> down_{false};
    std::atomic<std::uint64_t> generation_{1};
    std::atomic<bool> timeout_loses_session_{false};
    std::atomic<bool> read_only_{false};
    std::atomic<std::uint64_t> last_session_id_{100};
};

World& world();

}  // namespace majed::oci_double
