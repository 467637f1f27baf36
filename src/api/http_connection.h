/// One connection of the HTTP server: reads requests one by one, has them answered, sends the answers.
///
/// Why      The only files with the network library are this one's .cpp and http_server.cpp.
/// Life     Kept alive by its own coroutine; the server keeps weak references to end it.
/// Threads  Everything runs on the connection's strand, except what ServerShare says.
/// Not here Listening and stopping (http_server.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_pipe.h"
#include "api/api.h"
#include "api/http_server.h"
#include "telemetry/log.h"

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

namespace majed::api {

/// What all connections of a server share; safe from any thread.
struct ServerShare {
    ServerShare(const HttpServerOptions& server_options, Api& api_calls, telemetry::Log& server_log)
        : options(server_options), api(api_calls), log(server_log), workers(server_options.workers) {}

    const HttpServerOptions options;
    Api& api;
    telemetry::Log& log;
    boost::asio::thread_pool workers;
    std::atomic<std::size_t> calls{0};  ///< Waiting for a worker or being answered.
    std::atomic<std::size_t> connections{0};
    std::atomic<bool> stopping{false};
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
    /// `strand` is the one the socket was accepted on.
    HttpConnection(boost::asio::ip::tcp::socket socket, Strand strand, ServerShare& share);
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;
    ~HttpConnection();

    /// Serves until the peer or the server ends it.
    void start();
    /// Ends it now when no request is under way; one under way is answered first. Any thread.
    void end_when_idle();
    /// Ends it whatever it does. Any thread.
    void end_now();

private:
    using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class Next { go_on, close };

    boost::asio::awaitable<void> serve();
    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<bool> wait_for_bytes();
    boost::asio::awaitable<boost::system::error_code> read(RequestParser& parser);
    boost::asio::awaitable<bool> answer(const RequestParser& parser);
    boost::asio::awaitable<bool> send_pieces(AnswerPipe& pipe);
    boost::asio::awaitable<bool> send_piece(AnswerPipe::Piece piece);
    boost::asio::awaitable<bool> send_whole(HttpAnswer answer);
    boost::asio::awaitable<bool> send_head(HttpAnswer answer);
    boost::asio::awaitable<bool> send_chunk(std::string bytes);
    boost::asio::awaitable<bool> send_end();
    [[nodiscard]] std::shared_ptr<AnswerPipe> hand_to_worker(const HttpRequest& request);
    void log_answer(const HttpRequest& request, SteadyClock::time_point started) const;
    void close();

    Strand strand_;
    boost::beast::tcp_stream stream_;
    ServerShare& share_;
    boost::beast::flat_buffer buffer_;
    std::shared_ptr<boost::asio::steady_timer> piece_ready_;
    std::weak_ptr<AnswerPipe> pipe_;  ///< Of the answer under way.
    std::string remote_address_;
    std::string request_id_;
    int status_ = 0;  ///< Of the answer under way, for the log.
    unsigned version_ = 11;
    bool keep_alive_ = false;
    bool idle_ = true;
};

}  // namespace majed::api
