// SPDX-License-Identifier: Apache-2.0
#include "doubles/postgres_server.h"

#include "doubles/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

namespace majed::doubles {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds start_span{30'000};
constexpr milliseconds stop_span{10'000};

bool has_server(const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / "postgres", ignored) && fs::exists(folder / "initdb", ignored);
}

/// Debian keeps each version in a folder of its own, outside PATH; elsewhere pg_config and PATH lead there.
std::optional<fs::path> find_programs() {
    std::error_code ignored;
    std::vector<fs::path> folders{"/usr/lib/postgresql/15/bin"};
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        folders.push_back(version.path() / "bin");
    }
    const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    std::istringstream list(path == nullptr ? "" : path);
    for (std::string folder; std::getline(list, folder, ':');) {
        folders.emplace_back(folder);
        // PATH may hold a link to the real folder.
        if (const fs::path real = fs::canonical(fs::path(folder) / "postgres", ignored); !real.empty()) {
            folders.push_back(real.parent_path());
        }
        if (const fs::path asked = fs::path(folder) / "pg_config"; fs::exists(asked, ignored)) {
            if (const auto answers = make_folder_for_children()) {
                if (run({.words = {asked.string(), "--bindir"}, .output = *answers / "bindir"}, start_span)) {
                    std::ifstream answer(*answers / "bindir");
                    std::string bindir;
                    std::getline(answer, bindir);
                    folders.emplace_back(bindir);
                }
                fs::remove_all(*answers, ignored);
            }
        }
    }
    for (const fs::path& folder : folders) {
        if (has_server(folder)) {
            return folder;
        }
    }
    return std::nullopt;
}

const std::optional<fs::path>& programs() {
    static const std::optional<fs::path> found = find_programs();
    return found;
}

/// The cluster that all servers of this process begin as; of all processes of a run that has a folder of its own, which
/// `./dev test` names in MAJED_TEST_RUN and removes.
class Template {
public:
    static const Template& of_process() {
        static const Template made;
        return made;
    }
    Template(const Template&) = delete;
    Template& operator=(const Template&) = delete;
    ~Template() {
        std::error_code ignored;
        if (maker_ == ::getpid() && folder_ && !is_shared_) {
            fs::remove_all(*folder_, ignored);
        }
    }
    [[nodiscard]] bool good() const noexcept { return good_; }
    [[nodiscard]] fs::path cluster() const { return *folder_ / "cluster"; }

private:
    Template() : maker_(::getpid()) {
        const char* const run = std::getenv("MAJED_TEST_RUN");  // NOLINT(concurrency-mt-unsafe)
        is_shared_ = run != nullptr;
        if (is_shared_) {
            folder_ = fs::path(run) / "postgresql";
            good_ = share();
        } else {
            folder_ = make_folder_for_children();
            good_ = folder_ && make();
        }
    }

    /// Made by the first process; those that come meanwhile wait for it. One that died half way is begun again.
    bool share() const {
        const int lock = ::open((folder_->string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        bool good = lock >= 0 && ::flock(lock, LOCK_EX) == 0;
        std::error_code failed;
        if (good && !fs::exists(*folder_ / "whole", failed)) {
            fs::remove_all(*folder_, failed);
            fs::create_directory(*folder_, failed);
            give_to_children(*folder_);
            good = make();
            if (good) write("whole", "");
        }
        ::close(lock);
        return good;
    }

    bool make() const {
        const std::string cluster = (*folder_ / "cluster").string();
        write("password", std::string(PostgresServer::password) + '\n');
        const Command initdb{
            .words = {(*programs() / "initdb").string(), "-D", cluster, "--no-sync", "-A", "scram-sha-256",
                      "-U", std::string(PostgresServer::administrator), "-E", "UTF8", "--no-locale",
                      "--pwfile=" + (*folder_ / "password").string()},
            .output = *folder_ / "log"};
        if (!run(initdb, start_span)) {
            return false;
        }
        const std::string name(PostgresServer::user);
        write("roles.sql", "CREATE ROLE " + name + " LOGIN PASSWORD '" +
                               std::string(PostgresServer::password) + "';\nCREATE DATABASE " +
                               std::string(PostgresServer::database) + " OWNER " + name + ";\n");
        const Command roles{
            .words = {(*programs() / "postgres").string(), "--single", "-F", "-D", cluster, "postgres"},
            .input = *folder_ / "roles.sql",
            .output = *folder_ / "log"};
        return run(roles, start_span);
    }

    void write(const char* name, const std::string& text) const {
        std::ofstream(*folder_ / name) << text;
        give_to_children(*folder_);
    }

    std::optional<fs::path> folder_;
    pid_t maker_;
    bool is_shared_ = false;
    bool good_ = false;
};

bool make_certificate(const fs::path& folder, std::vector<std::string>& settings) {
    const std::string key = (folder / "server.key").string();
    const std::string certificate = (folder / "server.crt").string();
    settings.insert(settings.end(), {"ssl=on", "ssl_key_file=" + key, "ssl_cert_file=" + certificate});
    return run({.words = {"/usr/bin/env", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                          "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate}},
               start_span);
}

/// Free at this moment; the server that finds it taken is started again on another.
std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const bool bound = ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
    ::close(probe);
    return bound ? ntohs(address.sin_port) : std::uint16_t{0};
}

}  // namespace

std::string PostgresServer::missing() {
    return programs() ? std::string() : "no PostgreSQL server is installed (Debian package postgresql-15)";
}

fs::path PostgresServer::program(std::string_view name) {
    std::error_code ignored;
    const fs::path path = programs() ? *programs() / name : fs::path();
    return fs::exists(path, ignored) ? path : fs::path();
}

PostgresServer::PostgresServer(fs::path folder, std::uint16_t port, std::vector<std::string> settings)
    : folder_(std::move(folder)), port_(port), settings_(std::move(settings)) {}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(std::vector<std::string> settings,
                                                              Encryption encryption) {
    if (!programs()) {
        return Error{ErrorCode::not_found, missing()};
    }
    if (!Template::of_process().good()) {
        return Error{ErrorCode::unavailable, "initdb failed"};
    }
    Error last{ErrorCode::unavailable, "there is no place for a server"};
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto folder = make_folder_for_children();
        if (!folder) {
            break;
        }
        std::unique_ptr<PostgresServer> server(new PostgresServer(*folder, free_port(), settings));
        std::error_code failed;
        fs::copy(Template::of_process().cluster(), *folder / "cluster", fs::copy_options::recursive, failed);
        if (failed) {
            continue;
        }
        // The server refuses a folder that others may look into.
        fs::permissions(*folder / "cluster", fs::perms::owner_all, failed);
        if (encryption == Encryption::self_signed && !make_certificate(*folder, server->settings_)) {
            return Error{ErrorCode::not_found, "no certificate can be made (Debian package openssl)"};
        }
        give_to_children(*folder);
        auto launched = server->launch();
        if (launched) {
            return server;
        }
        last = std::move(launched).error();
    }
    return last;
}

PostgresServer::~PostgresServer() {
    kill_hard();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

Result<void> PostgresServer::launch() {
    Command command{.words = {(*programs() / "postgres").string(), "-D", (folder_ / "cluster").string()},
                    .output = folder_ / "log"};
    std::vector<std::string> settings{"listen_addresses=127.0.0.1",
                                      "port=" + std::to_string(port_),
                                      "unix_socket_directories=" + folder_.string(),
                                      "fsync=off",
                                      "full_page_writes=off",
                                      "shared_buffers=16MB",
                                      "max_connections=80",
                                      "wal_level=minimal",
                                      "max_wal_senders=0",
                                      "max_wal_size=128MB",
                                      "autovacuum=off",
                                      "log_min_messages=warning",
                                      "restart_after_crash=off"};
    settings.insert(settings.end(), settings_.begin(), settings_.end());
    for (std::string& setting : settings) {
        command.words.insert(command.words.end(), {"-c", std::move(setting)});
    }
    process_ = doubles::launch(command);
    if (process_ < 0) {
        return Error{ErrorCode::unavailable, "the server's process cannot be started"};
    }
    return wait_until_ready();
}

Result<void> PostgresServer::wait_until_ready() {
    const auto end = std::chrono::steady_clock::now() + start_span;
    while (std::chrono::steady_clock::now() < end) {
        std::ifstream file(folder_ / "cluster" / "postmaster.pid");
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        // A file that a killed server left behind names another process.
        if (text.starts_with(std::to_string(process_) + '\n') && text.find("\nready") != std::string::npos) {
            return {};
        }
        if (wait_for(process_, milliseconds(10))) {
            process_ = -1;
            return Error{ErrorCode::unavailable, "the server ended while it started", end_of_log()};
        }
    }
    kill_hard();
    return Error{ErrorCode::unavailable, "the server did not become ready in time", end_of_log()};
}

std::string PostgresServer::end_of_log() const {
    std::ifstream file(folder_ / "log");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 2000));
}

driver::Target PostgresServer::target(driver::Access access, std::uint16_t port) const {
    driver::Target target;
    target.url = "postgresql://127.0.0.1:" + std::to_string(port == 0 ? port_ : port) + '/' +
                 std::string(database) + "?sslmode=disable";
    target.user = user;
    target.password = Secret(std::string(password));
    target.access = access;
    return target;
}

driver::Target PostgresServer::administrator_target(std::uint16_t port) const {
    driver::Target target = this->target(driver::Access::read_write, port);
    target.user = administrator;
    return target;
}

Result<void> PostgresServer::stop() {
    if (process_ < 0) {
        return {};
    }
    ::kill(process_, SIGINT);
    if (!wait_for(process_, stop_span)) {
        kill_hard();
        return Error{ErrorCode::unavailable, "the server did not stop in time", end_of_log()};
    }
    process_ = -1;
    return {};
}

void PostgresServer::kill_hard() {
    if (process_ > 0) {
        kill_family(std::exchange(process_, -1));
    }
}

Result<void> PostgresServer::restart() {
    MAJED_TRY(stop());
    return launch();
}

void PostgresServer::freeze() {
    ::kill(process_, SIGSTOP);
}

void PostgresServer::thaw() {
    ::kill(process_, SIGCONT);
}

}  // namespace majed::doubles
