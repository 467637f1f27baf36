/// Programs run by a test: as an ordinary user, tied to the life of the test.
///
/// Why      PostgreSQL refuses to run as root, and a server left behind by a crashed test would hold its port for ever.
/// Life     Free functions.
/// Threads  Any; a child dies with the thread that started it.
/// Not here Which programs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace majed::doubles {

struct Command {
    std::vector<std::string> words;  ///< The program's path first.
    std::filesystem::path input = "/dev/null";
    std::filesystem::path output = "/dev/null";  ///< Appended to; both of its outputs.
};

/// The process, or -1. It gets SIGQUIT when the thread that started it dies.
[[nodiscard]] pid_t launch(const Command& command);

/// The exit status as waitpid gives it; nothing when it did not end in time.
[[nodiscard]] std::optional<int> wait_for(pid_t process, std::chrono::milliseconds span);

/// Runs to the end; true when it succeeded in time.
[[nodiscard]] bool run(const Command& command, std::chrono::milliseconds span);

/// Kills the process and all its children at once, and waits until they are dead.
void kill_family(pid_t process);

/// A folder that the children can write, which is theirs when we are root.
[[nodiscard]] std::optional<std::filesystem::path> make_folder_for_children();
/// Gives a tree to the user that children run as.
void give_to_children(const std::filesystem::path& path);

}  // namespace majed::doubles
