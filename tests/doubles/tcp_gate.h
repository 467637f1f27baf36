/// A TCP proxy on loopback between a client and a server, which can stall, refuse, cut and delay.
///
/// Why      What a network does to a driver must be done on purpose, at a chosen byte.
/// Life     Runs a thread of its own until destroyed; then every connection through it is closed.
/// Threads  All methods from any thread.
/// Not here The server (postgres_server.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace majed::doubles {

class TcpGate {
public:
    enum class Mode {
        pass,
        stall,   ///< Accepts, and lets nothing through; goes on where it was when it passes again.
        refuse,  ///< Does not listen; what is open stays open.
    };
    enum class Direction { to_server, to_client };

    [[nodiscard]] static Result<std::unique_ptr<TcpGate>> open(std::uint16_t server_port);
    TcpGate(const TcpGate&) = delete;
    TcpGate& operator=(const TcpGate&) = delete;
    ~TcpGate();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    void set_mode(Mode mode);
    /// Each connection is cut when this many bytes went through it in this direction, counted from its beginning.
    void cut_after(Direction direction, std::uint64_t bytes);
    /// No more cutting by bytes.
    void cut_never();
    /// Closes what is open.
    void cut_now();
    /// Every byte arrives this much later.
    void delay(std::chrono::milliseconds span);

    /// Connections that were accepted.
    [[nodiscard]] std::uint64_t attempts() const;
    /// Bytes passed on, of all connections.
    [[nodiscard]] std::uint64_t passed(Direction direction) const;
    [[nodiscard]] std::size_t open_connections() const;

private:
    struct Chunk {
        std::chrono::steady_clock::time_point due;
        std::string bytes;
    };
    struct Flow {
        std::deque<Chunk> waiting{};
        std::size_t held = 0;
        std::uint64_t passed = 0;
        bool ended = false;  ///< Its reader saw the end.
    };
    struct Link {
        int client;
        int server;
        Flow up{};
        Flow down{};
        bool over = false;
    };
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    TcpGate(std::uint16_t server_port, int wake) noexcept;
    [[nodiscard]] bool listen() MAJED_REQUIRES(mutex_);
    void run();
    [[nodiscard]] int wait_for_work();
    void step() MAJED_REQUIRES(mutex_);
    void accept_one() MAJED_REQUIRES(mutex_);
    void receive(int from, Flow& flow) MAJED_REQUIRES(mutex_);
    [[nodiscard]] bool send(int to, Flow& flow, std::uint64_t cut) MAJED_REQUIRES(mutex_);
    void move(Link& link) MAJED_REQUIRES(mutex_);
    void close_ended() MAJED_REQUIRES(mutex_);
    void wake() const noexcept;

    const std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    const int wake_;
    mutable Mutex mutex_;
    int listener_ MAJED_GUARDED_BY(mutex_) = -1;
    Mode mode_ MAJED_GUARDED_BY(mutex_) = Mode::pass;
    std::uint64_t cut_up_ MAJED_GUARDED_BY(mutex_) = never;
    std::uint64_t cut_down_ MAJED_GUARDED_BY(mutex_) = never;
    std::chrono::milliseconds delay_ MAJED_GUARDED_BY(mutex_){0};
    std::uint64_t attempts_ MAJED_GUARDED_BY(mutex_) = 0;
    std::uint64_t passed_up_ MAJED_GUARDED_BY(mutex_) = 0;
    std::uint64_t passed_down_ MAJED_GUARDED_BY(mutex_) = 0;
    std::vector<Link> links_ MAJED_GUARDED_BY(mutex_);
    bool closing_ MAJED_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace majed::doubles
