/// The HTTP server: connections in, calls of the Api out, within limits of size, number and time.
///
/// Why      The network is met in one place; slow or hostile peers cost a bounded amount.
/// Life     Made by `listen`, serves until stopped; borrows the Api and the log, which outlive it.
/// Threads  `run` from one thread; `stop` from any thread or signal-free context.
/// Not here What calls there are (api.h), TLS (a proxy in front ends it).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace majed::telemetry {
class Log;
}

namespace majed::api {

class Api;

struct HttpServerOptions {
    std::string listen = "127.0.0.1:8080";  ///< Port 0: a free one.
    bool allow_insecure_remote = false;     ///< Listen beyond loopback although there is no TLS.
    std::size_t network_threads = 2;
    std::size_t workers = 8;        ///< Calls answered at the same time.
    std::size_t max_waiting = 256;  ///< Calls waiting for a worker; past it `overloaded`.
    std::size_t max_connections = 1024;
    std::uint64_t max_body = 1024ULL * 1024;
    std::uint32_t max_header = 16 * 1024;
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);     ///< Between two requests.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(15);  ///< For a request to arrive whole.
    std::chrono::milliseconds write_timeout =
        std::chrono::seconds(30);  ///< For one piece of an answer to leave.
    std::chrono::milliseconds stop_grace = std::chrono::seconds(10);  ///< For answers under way at the end.
    std::function<void()> on_stop =
        {};  ///< The order to stop has come. Called once, before the grace; must not wait.
};

class HttpServer {
public:
    /// Takes the port. Errors: invalid_argument (address, or beyond loopback), unavailable (taken).
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(const HttpServerOptions& options,
                                                                    Api& api, telemetry::Log& log);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    /// Where it listens, with the port that was taken: `127.0.0.1:8080`.
    [[nodiscard]] std::string address() const;
    /// Serves until `stop`, SIGTERM or SIGINT; returns when every answer under way has left or the grace is over.
    void run();
    void stop();

private:
    class State;
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace majed::api
