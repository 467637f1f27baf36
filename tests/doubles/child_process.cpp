// SPDX-License-Identifier: Apache-2.0
#include "doubles/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace majed::doubles {

namespace {

struct User {
    uid_t id;
    gid_t group;
};

/// Whom children run as; nothing when we are an ordinary user already.
std::optional<User> user_of_children() {
    if (::geteuid() != 0) {
        return std::nullopt;
    }
    for (const char* const name : {"postgres", "nobody"}) {
        if (const passwd* const entry = ::getpwnam(name); entry != nullptr) {
            return User{entry->pw_uid, entry->pw_gid};
        }
    }
    return User{65534, 65534};
}

/// In the child, between fork and exec: calls that are safe there only.
[[noreturn]] void become(const std::vector<char*>& arguments, const Command& command,
                         const std::optional<User>& user, pid_t parent) {
    const int input = ::open(command.input.c_str(), O_RDONLY);
    const int output = ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(output, 2);
    for (int descriptor = 3; descriptor < 1024; ++descriptor) {
        ::close(descriptor);
    }
    ::setsid();
    if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->group) != 0 || ::setuid(user->id) != 0)) {
        ::_exit(126);
    }
    // After the change of user, which clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent || ::chdir("/") != 0) {
        ::_exit(126);
    }
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::vector<pid_t> children_of(pid_t process) {
    const std::string task =
        "/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children";
    std::ifstream list(task);
    std::vector<pid_t> children;
    for (pid_t child = 0; list >> child;) {
        children.push_back(child);
    }
    return children;
}

/// Dead: what it had open is closed, though its parent may not have asked for it yet.
bool is_dead(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto end_of_name = text.rfind(')');
    return end_of_name == std::string::npos || text.substr(end_of_name, 3) == ") Z";
}

}  // namespace

pid_t launch(const Command& command) {
    std::vector<std::string> words = command.words;
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const std::optional<User> user = user_of_children();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        become(arguments, command, user, parent);
    }
    return child;
}

std::optional<int> wait_for(pid_t process, std::chrono::milliseconds span) {
    const auto end = std::chrono::steady_clock::now() + span;
    while (true) {
        int status = 0;
        const pid_t ended = ::waitpid(process, &status, WNOHANG);
        if (ended != 0) {
            return status;
        }
        if (std::chrono::steady_clock::now() >= end) {
            return std::nullopt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

bool run(const Command& command, std::chrono::milliseconds span) {
    const pid_t process = launch(command);
    if (process < 0) {
        return false;
    }
    const auto status = wait_for(process, span);
    if (!status) {
        kill_family(process);
        return false;
    }
    return WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
}

void kill_family(pid_t process) {
    // Stopped first, so that it starts no child and says nothing to those it has.
    ::kill(process, SIGSTOP);
    const std::vector<pid_t> children = children_of(process);
    for (const pid_t child : children) {
        ::kill(child, SIGKILL);
    }
    ::kill(process, SIGKILL);
    int status = 0;
    ::waitpid(process, &status, 0);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (const pid_t child : children) {
        while (!is_dead(child) && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }
}

std::optional<std::filesystem::path> make_folder_for_children() {
    std::string pattern = (std::filesystem::temp_directory_path() / "majed-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        return std::nullopt;
    }
    give_to_children(pattern);
    return pattern;
}

void give_to_children(const std::filesystem::path& path) {
    const std::optional<User> user = user_of_children();
    if (!user) {
        return;
    }
    std::error_code ignored;
    static_cast<void>(!::lchown(path.c_str(), user->id, user->group));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, ignored)) {
        static_cast<void>(!::lchown(entry.path().c_str(), user->id, user->group));
    }
}

}  // namespace majed::doubles
