// SPDX-License-Identifier: Apache-2.0
#include "api/http_server.h"

#include "api/http_connection.h"
#include "core/mutex.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace majed::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto answered = asio::as_tuple(asio::use_awaitable);

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
std::optional<tcp::endpoint> endpoint_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    std::string host(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    std::uint16_t port = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    error_code failure;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, failure);
    if (failure || digits.empty() || parsed.ec != std::errc() ||
        parsed.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return tcp::endpoint(address, port);
}

}  // namespace

class HttpServer::State {
public:
    State(const HttpServerOptions& options, Api& api, telemetry::Log& log)
        : share_(options, api, log),
          context_(static_cast<int>(options.network_threads)),
          rim_(asio::make_strand(context_)),
          acceptor_(rim_),
          signals_(rim_),
          grace_(rim_) {}

    Result<void> open(const tcp::endpoint& endpoint) {
        error_code failure;
        acceptor_.open(endpoint.protocol(), failure);
        if (!failure) {
            acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
        }
        if (!failure) {
            acceptor_.bind(endpoint, failure);
        }
        if (!failure) {
            acceptor_.listen(asio::socket_base::max_listen_connections, failure);
        }
        if (failure) {
            return Error{ErrorCode::unavailable, "cannot listen: " + failure.message()};
        }
        // Before anybody is told that it serves: an order to stop that comes before `run` is kept for it.
        signals_.add(SIGTERM, failure);
        signals_.add(SIGINT, failure);
        return {};
    }

    std::string address() const {
        error_code ignored;
        const tcp::endpoint endpoint = acceptor_.local_endpoint(ignored);
        const std::string host = endpoint.address().to_string();
        const std::string shown = endpoint.address().is_v6() ? "[" + host + "]" : host;
        return shown + ":" + std::to_string(endpoint.port());
    }

    void run() {
        signals_.async_wait([this](error_code failure, int /*signal*/) {
            if (!failure) {
                begin_stop();
            }
        });
        asio::co_spawn(
            rim_, [this] { return accept(); }, asio::detached);
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < share_.options.network_threads; ++i) {
            threads.emplace_back([this] { context_.run(); });
        }
        context_.run();
        threads.clear();
        share_.workers.join();
    }

    void stop() {
        asio::post(rim_, [this] { begin_stop(); });
    }

private:
    // All of these run on rim_.
    asio::awaitable<void> accept() {
        asio::steady_timer pause(rim_);
        while (acceptor_.is_open()) {
            auto strand = asio::make_strand(context_);
            auto [failure, socket] = co_await acceptor_.async_accept(strand, answered);
            if (failure) {
                // Out of descriptors, most likely: give the others time to end.
                pause.expires_after(std::chrono::milliseconds(50));
                co_await pause.async_wait(answered);
                continue;
            }
            if (share_.stopping || share_.connections >= share_.options.max_connections) {
                continue;
            }
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            auto connection = std::make_shared<HttpConnection>(std::move(socket), strand, share_);
            std::erase_if(connections_, [](const auto& other) { return other.expired(); });
            connections_.push_back(connection);
            connection->start();
        }
    }

    void begin_stop() {
        if (share_.stopping.exchange(true)) {
            return;
        }
        if (share_.options.on_stop) {
            share_.options.on_stop();
        }
        error_code ignored;
        acceptor_.close(ignored);
        signals_.cancel(ignored);
        for (const auto& weak : connections_) {
            if (const auto connection = weak.lock()) {
                connection->end_when_idle();
            }
        }
        grace_.expires_after(share_.options.stop_grace);
        wait_for_connections();
    }

    void wait_for_connections() {
        // Ends the context by itself as soon as the last connection is gone.
        constexpr auto step = std::chrono::milliseconds(20);
        auto tick = std::make_shared<asio::steady_timer>(rim_, step);
        tick->async_wait([this, tick](error_code /*failure*/) {
            if (share_.connections == 0) {
                return;
            }
            if (asio::steady_timer::clock_type::now() < grace_.expiry()) {
                wait_for_connections();
                return;
            }
            for (const auto& weak : connections_) {
                if (const auto connection = weak.lock()) {
                    connection->end_now();
                }
            }
        });
    }

    ServerShare share_;
    asio::io_context context_;
    asio::strand<asio::io_context::executor_type> rim_;
    tcp::acceptor acceptor_;
    asio::signal_set signals_;
    asio::steady_timer grace_;
    std::vector<std::weak_ptr<HttpConnection>> connections_;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const HttpServerOptions& options, Api& api,
                                                       telemetry::Log& log) {
    const auto endpoint = endpoint_of(options.listen);
    if (!endpoint) {
        return Error{ErrorCode::invalid_argument,
                     "server.listen: expected ADDRESS:PORT, for example 127.0.0.1:8080"};
    }
    if (!endpoint->address().is_loopback() && !options.allow_insecure_remote) {
        return Error{
            ErrorCode::invalid_argument,
            "server.listen: " + options.listen + " is reachable from other machines",
            "put a TLS proxy in front and listen on 127.0.0.1, or set server.allow_insecure_remote = true"};
    }
    auto state = std::make_unique<State>(options, api, log);
    MAJED_TRY(state->open(*endpoint));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::string HttpServer::address() const {
    return state_->address();
}
void HttpServer::run() {
    state_->run();
}
void HttpServer::stop() {
    state_->stop();
}

}  // namespace majed::api
