/// One HTTP request and its answer as plain values: what the calls of the API see, without a network library.
///
/// Why      The calls are tested without sockets, and the heavy headers stay in http_server.cpp.
/// Life     A request lives as long as its call; a responder is used by one call, from one thread.
/// Threads  One call, one thread.
/// Not here Sockets, timeouts, limits of size (http_server.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>
#include <utility>
#include <vector>

namespace majed::api {

struct HttpRequest {
    std::string method;  ///< Upper case.
    std::string path;    ///< Without the query string.
    std::string query;   ///< After the `?`; empty when there was none.
    std::string authorization;
    std::string api_key;  ///< X-API-Key.
    std::string accept;
    std::string content_type;
    std::string user_agent;
    std::string request_id;  ///< Ours, or the caller's when it was well formed.
    std::string remote_address;
    std::string body;
};

struct HttpAnswer {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

/// Takes the answer: whole by `send`, or in pieces by `start`, `chunk`..., `finish`.
class Responder {
public:
    Responder() = default;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    virtual ~Responder() = default;

    virtual void send(HttpAnswer answer) = 0;
    /// Sends the head alone; `answer.body` is ignored.
    virtual void start(HttpAnswer answer) = 0;
    /// Waits while the caller is slow. Errors: cancelled (the caller is gone).
    [[nodiscard]] virtual Result<void> chunk(std::string bytes) = 0;
    /// Ends the answer; an incomplete one is cut so that the caller notices.
    enum class Ending { complete, cut };
    virtual void finish(Ending ending) = 0;
};

}  // namespace majed::api
