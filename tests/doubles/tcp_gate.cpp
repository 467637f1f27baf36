// SPDX-License-Identifier: Apache-2.0
#include "doubles/tcp_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace majed::doubles {

namespace {

constexpr std::size_t most_held = std::size_t{64} << 10U;  ///< Per direction of a connection.

sockaddr_in loopback(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) noexcept {
    return reinterpret_cast<const sockaddr*>(&address);
}

void send_at_once(int socket) noexcept {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

TcpGate::TcpGate(std::uint16_t server_port, int wake) noexcept : server_port_(server_port), wake_(wake) {}

Result<std::unique_ptr<TcpGate>> TcpGate::open(std::uint16_t server_port) {
    const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0) {
        return Error{ErrorCode::unavailable, "no descriptor is left for a gate"};
    }
    std::unique_ptr<TcpGate> gate(new TcpGate(server_port, wake));
    bool listens = false;
    {
        const Lock lock(gate->mutex_);
        listens = gate->listen();
    }
    if (!listens) {
        return Error{ErrorCode::unavailable, "no port is to be had for a gate"};
    }
    gate->thread_ = std::thread([self = gate.get()] { self->run(); });
    return gate;
}

TcpGate::~TcpGate() {
    {
        const Lock lock(mutex_);
        closing_ = true;
    }
    wake();
    if (thread_.joinable()) {
        thread_.join();
    }
    const Lock lock(mutex_);
    for (Link& link : links_) {
        link.over = true;
    }
    close_ended();
    if (listener_ >= 0) {
        ::close(listener_);
    }
    ::close(wake_);
}

/// On the same port every time, so that a client finds the gate again.
bool TcpGate::listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = loopback(port_);
    socklen_t size = sizeof address;
    if (::bind(listener_, generic(address), size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        ::close(std::exchange(listener_, -1));
        return false;
    }
    port_ = ntohs(address.sin_port);
    return true;
}

void TcpGate::set_mode(Mode mode) {
    const Lock lock(mutex_);
    mode_ = mode;
    if (mode == Mode::refuse && listener_ >= 0) {
        ::close(std::exchange(listener_, -1));
    } else if (mode != Mode::refuse && listener_ < 0) {
        static_cast<void>(listen());
    }
    wake();
}

void TcpGate::cut_after(Direction direction, std::uint64_t bytes) {
    const Lock lock(mutex_);
    (direction == Direction::to_server ? cut_up_ : cut_down_) = bytes;
    wake();
}

void TcpGate::cut_never() {
    const Lock lock(mutex_);
    cut_up_ = cut_down_ = never;
}

void TcpGate::cut_now() {
    const Lock lock(mutex_);
    for (Link& link : links_) {
        link.over = true;
    }
    close_ended();
    wake();
}

void TcpGate::delay(std::chrono::milliseconds span) {
    const Lock lock(mutex_);
    delay_ = span;
}

std::uint64_t TcpGate::attempts() const {
    const Lock lock(mutex_);
    return attempts_;
}

std::uint64_t TcpGate::passed(Direction direction) const {
    const Lock lock(mutex_);
    return direction == Direction::to_server ? passed_up_ : passed_down_;
}

std::size_t TcpGate::open_connections() const {
    const Lock lock(mutex_);
    return links_.size();
}

void TcpGate::wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_, &one, sizeof one));
}

void TcpGate::run() {
    while (wait_for_work() >= 0) {
        const Lock lock(mutex_);
        if (closing_) {
            return;
        }
        step();
    }
}

int TcpGate::wait_for_work() {
    std::vector<pollfd> watched{{wake_, POLLIN, 0}};
    bool any_waits = false;
    {
        const Lock lock(mutex_);
        if (listener_ >= 0) {
            watched.push_back({listener_, POLLIN, 0});
        }
        for (const Link& link : links_) {
            if (mode_ == Mode::stall) {
                break;
            }
            any_waits =
                any_waits || link.server < 0 || !link.up.waiting.empty() || !link.down.waiting.empty();
            const auto wish = [](const Flow& in) {
                return static_cast<short>(!in.ended && in.held < most_held ? POLLIN : 0);
            };
            // A descriptor without a wish would still report its hang-up, over and over.
            watched.push_back({wish(link.up) != 0 ? link.client : -1, wish(link.up), 0});
            watched.push_back({wish(link.down) != 0 ? link.server : -1, wish(link.down), 0});
        }
    }
    const int ready = ::poll(watched.data(), watched.size(), any_waits ? 1 : -1);
    std::uint64_t count = 0;
    static_cast<void>(!::read(wake_, &count, sizeof count));
    return ready < 0 && errno == EINTR ? 0 : ready;
}

void TcpGate::step() {
    if (listener_ >= 0) {
        accept_one();
    }
    if (mode_ == Mode::stall) {
        return;
    }
    for (Link& link : links_) {
        move(link);
    }
    close_ended();
}

void TcpGate::accept_one() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) {
        return;
    }
    ++attempts_;
    send_at_once(client);
    links_.push_back({.client = client, .server = -1});
}

void TcpGate::receive(int from, Flow& flow) {
    std::array<char, 16384> buffer{};
    while (!flow.ended && flow.held < most_held) {
        const ssize_t size = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (size <= 0) {
            flow.ended = true;
            return;
        }
        flow.held += static_cast<std::size_t>(size);
        flow.waiting.push_back({std::chrono::steady_clock::now() + delay_,
                                std::string(buffer.data(), static_cast<std::size_t>(size))});
    }
}

/// False when the connection is to be cut.
bool TcpGate::send(int to, Flow& flow, std::uint64_t cut) {
    while (!flow.waiting.empty() && flow.waiting.front().due <= std::chrono::steady_clock::now()) {
        std::string& bytes = flow.waiting.front().bytes;
        const std::size_t allowed = std::min<std::uint64_t>(bytes.size(), cut - std::min(cut, flow.passed));
        const ssize_t sent =
            allowed == 0 ? 0 : ::send(to, bytes.data(), allowed, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        const auto size = static_cast<std::size_t>(sent);
        flow.passed += size;
        flow.held -= size;
        bytes.erase(0, size);
        if (flow.passed >= cut) {
            return false;
        }
        if (bytes.empty()) {
            flow.waiting.pop_front();
        }
    }
    return !(flow.ended && flow.waiting.empty()) && flow.passed < cut;
}

void TcpGate::move(Link& link) {
    if (link.server < 0) {
        link.server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(server_port_);
        if (::connect(link.server, generic(address), sizeof address) != 0) {
            link.over = true;
            return;
        }
        send_at_once(link.server);
    }
    receive(link.client, link.up);
    receive(link.server, link.down);
    const std::uint64_t up = link.up.passed;
    const std::uint64_t down = link.down.passed;
    const bool goes_up = send(link.server, link.up, cut_up_);
    const bool goes_down = send(link.client, link.down, cut_down_);
    link.over = link.over || !goes_up || !goes_down;
    passed_up_ += link.up.passed - up;
    passed_down_ += link.down.passed - down;
}

void TcpGate::close_ended() {
    for (const Link& link : links_) {
        if (link.over) {
            ::close(link.client);
            if (link.server >= 0) {
                ::close(link.server);
            }
        }
    }
    std::erase_if(links_, [](const Link& link) { return link.over; });
}

}  // namespace majed::doubles
