/// A real PostgreSQL server of the Debian package, on a temporary folder and a free port of loopback.
///
/// Why      Drivers, pool and breaker are held to what a server does, also when it is killed.
/// Life     The destructor kills it and removes its folder; it dies with the test program, however that ends.
/// Threads  One. The thread that starts it must live as long as it: the kernel ties it to that.
/// Not here The network between (tcp_gate.h).
///
/// As root, the server runs as an ordinary user. The first start of a process, or of a whole run of the
/// tests, makes the cluster; later ones copy it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <sys/types.h>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::doubles {

class PostgresServer {
public:
    static constexpr std::string_view database = "majed_test";
    static constexpr std::string_view user = "majed_test";  ///< Owns the database; logs in by SCRAM.
    static constexpr std::string_view password = "correct horse";
    static constexpr std::string_view administrator = "majed_admin";  ///< Superuser, with the same password.

    /// Empty when a server can be started here, else what is missing; for GTEST_SKIP.
    [[nodiscard]] static std::string missing();

    /// A program of the server's own version, as `psql`; empty when it is not there.
    [[nodiscard]] static std::filesystem::path program(std::string_view name);

    enum class Encryption { none, self_signed };

    /// Ready to be connected to. `settings` are further `name=value` of postgresql.conf. Errors: not_found (no package),
    /// unavailable (it did not start; the hint is the end of its log).
    [[nodiscard]] static Result<std::unique_ptr<PostgresServer>> start(
        std::vector<std::string> settings = {}, Encryption encryption = Encryption::none);
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// To this server, or through a gate at `port`.
    [[nodiscard]] driver::Target target(driver::Access access, std::uint16_t port = 0) const;
    /// Of an encrypted server: made for the name `localhost`, signed by itself.
    [[nodiscard]] std::filesystem::path certificate() const { return folder_ / "server.crt"; }
    [[nodiscard]] driver::Target administrator_target(std::uint16_t port = 0) const;

    /// As an administrator would: sessions end with 57P01. Errors: unavailable.
    [[nodiscard]] Result<void> stop();
    /// All its processes at once, without a word.
    void kill_hard();
    /// After stop or kill_hard: on the same port. Errors: as start.
    [[nodiscard]] Result<void> restart();
    /// Stops the main process in its tracks, so that nobody is let in; and lets it go on.
    void freeze();
    void thaw();
    [[nodiscard]] bool is_running() const noexcept { return process_ > 0; }

private:
    PostgresServer(std::filesystem::path folder, std::uint16_t port, std::vector<std::string> settings);
    [[nodiscard]] Result<void> launch();
    [[nodiscard]] Result<void> wait_until_ready();
    [[nodiscard]] std::string end_of_log() const;

    std::filesystem::path folder_;
    std::uint16_t port_;
    std::vector<std::string> settings_;
    pid_t process_ = -1;
};

}  // namespace majed::doubles
