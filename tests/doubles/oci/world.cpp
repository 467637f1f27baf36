// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace majed::oci_double {
namespace {

constexpr const char* folder_variable = "MAJED_OCI_DOUBLE_FOLDER";
constexpr const char* control_variable = "MAJED_OCI_DOUBLE_CONTROL";
constexpr const char* password_variable = "MAJED_OCI_DOUBLE_PASSWORD";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

/// Changes whenever the file does; empty when there is none.
std::string stamp_of(const std::filesystem::path& file) {
    struct stat facts {};
    if (file.empty() || stat(file.c_str(), &facts) != 0) {
        return {};
    }
    return std::to_string(facts.st_ino) + ":" + std::to_string(facts.st_size) + ":" +
           std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec);
}

bool is_file_name(std::string_view name) {
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '_' || c == '-' || c == '.';
        if (!plain) {
            return false;
        }
    }
    return !name.empty() && name.front() != '.';
}

}  // namespace

World::World() : folder_(environment(folder_variable)), control_file_(environment(control_variable)) {
    if (std::string password = environment(password_variable); !password.empty()) {
        password_ = std::move(password);
    }
}

void World::refresh() {
    if (control_file_.empty()) {
        return;
    }
    const std::string stamp = stamp_of(control_file_);
    const std::lock_guard lock(mutex_);
    if (stamp == control_stamp_) {
        return;
    }
    control_stamp_ = stamp;
    std::ifstream file(control_file_);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    script_ = parse_script(text);
    apply(script_.server);
}

void World::set_script(std::string_view text) {
    Script script = parse_script(text);
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
    apply(script_.server);
}

void World::apply(const ServerWishes& wishes) {
    down_ = wishes.down.value_or(down_);
    generation_ = wishes.generation.value_or(generation_);
    timeout_loses_session_ = wishes.timeout_loses_session.value_or(timeout_loses_session_);
    read_only_ = wishes.read_only.value_or(read_only_);
    if (wishes.password) {
        password_ = wishes.password;
    }
}

void World::set_down(bool down) {
    if (down) {
        restart();
    }
    down_ = down;
}

void World::release_hangs() {
    {
        const std::lock_guard lock(mutex_);
        ++releases_;
    }
    released_.notify_all();
}

Failure World::script_problem() const {
    const std::lock_guard lock(mutex_);
    if (script_.problem.empty()) {
        return std::nullopt;
    }
    return OracleError{.code = 20000, .text = script_.problem, .offset = 0};
}

std::optional<Fate> World::fate_of(Event event, std::string_view subject, std::uint64_t row) {
    const std::lock_guard lock(mutex_);
    return take_fate(script_, event, subject, row);
}

bool World::accepts_password(std::string_view password) const {
    const std::lock_guard lock(mutex_);
    return !password_ || *password_ == password;
}

std::optional<std::filesystem::path> World::database_of(std::string_view service) const {
    if (folder_.empty() || !is_file_name(service)) {
        return std::nullopt;
    }
    return folder_ / (std::string{service} + ".db");
}

void World::hang(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = releases_;
    released_.wait_for(lock, time, [&] { return releases_ != before; });
}

World& world() {
    static World& only = *std::make_unique<World>().release();
    return only;
}

}  // namespace majed::oci_double
