// SPDX-License-Identifier: Apache-2.0
#include "api/http_connection.h"

#include "api/problem.h"
#include "telemetry/request_id.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <utility>

namespace majed::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 4096;
constexpr std::size_t longest_agent = 256;
constexpr unsigned first_with_chunks = 11;  // HTTP/1.1

std::string text_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

HttpRequest request_of(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = text_of(message.method_string());
    const std::string target = text_of(message.target());
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    request.query = mark == std::string::npos ? std::string() : target.substr(mark + 1);
    request.authorization = text_of(message[http::field::authorization]);
    request.api_key = text_of(message["X-API-Key"]);
    request.accept = text_of(message[http::field::accept]);
    request.content_type = text_of(message[http::field::content_type]);
    request.user_agent = text_of(message[http::field::user_agent]).substr(0, longest_agent);
    request.body = message.body();
    return request;
}

/// Which problem, if any, answers a request that could not be read.
std::optional<Error> read_problem(error_code failure) {
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow) {
        return Error{ErrorCode::too_large, "the head of the request is too large"};
    }
    if (failure == http::error::body_limit) {
        return Error{ErrorCode::too_large, "the body of the request is too large"};
    }
    const bool gone = failure == http::error::end_of_stream || failure == http::error::partial_message;
    if (gone || failure.category() != http::make_error_code(http::error::bad_method).category()) {
        return std::nullopt;
    }
    return Error{ErrorCode::invalid_argument, "this is not HTTP/1.1 as we read it"};
}

template <class Message>
void set_common_fields(Message& message, const HttpAnswer& answer, const std::string& request_id) {
    for (const auto& [name, value] : answer.headers) {
        message.set(name, value);
    }
    if (!answer.content_type.empty()) {
        message.set(http::field::content_type, answer.content_type);
    }
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    message.set("X-Request-Id", request_id);
}

void answer_request(Api& api, const HttpRequest& request, AnswerPipe& pipe) {
    // The last stop for exceptions of foreign code on this thread.
    try {
        api.handle(request, pipe);
    } catch (...) {
        pipe.break_off(problem_answer({ErrorCode::internal, "internal error"}, request.request_id));
    }
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, Strand strand, ServerShare& share)
    : strand_(std::move(strand)),
      stream_(std::move(socket)),
      share_(share),
      buffer_(share.options.max_header + read_size),
      piece_ready_(std::make_shared<asio::steady_timer>(strand_)) {
    error_code failure;
    const auto peer = stream_.socket().remote_endpoint(failure);
    remote_address_ = failure ? "unknown" : peer.address().to_string();
    ++share_.connections;
}

HttpConnection::~HttpConnection() {
    --share_.connections;
}

void HttpConnection::start() {
    asio::co_spawn(
        strand_, [self = shared_from_this()] { return self->serve(); }, asio::detached);
}

void HttpConnection::end_when_idle() {
    asio::post(strand_, [self = shared_from_this()] {
        if (self->idle_) {
            self->close();
        }
    });
}

void HttpConnection::end_now() {
    asio::post(strand_, [self = shared_from_this()] {
        if (const auto pipe = self->pipe_.lock()) {
            pipe->abandon();
        }
        self->close();
        self->piece_ready_->cancel();
    });
}

void HttpConnection::close() {
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    stream_.close();
}

asio::awaitable<void> HttpConnection::serve() {
    // Each co_await stands alone in a declaration: g++ 12 miscompiles them inside conditions.
    Next next = Next::go_on;
    while (!share_.stopping && next == Next::go_on) {
        next = co_await serve_one();
    }
    close();
}

asio::awaitable<HttpConnection::Next> HttpConnection::serve_one() {
    idle_ = true;
    const bool arrived = co_await wait_for_bytes();
    if (!arrived) {
        co_return Next::close;
    }
    idle_ = false;
    request_id_ = telemetry::make_request_id();
    RequestParser parser;
    parser.header_limit(share_.options.max_header);
    parser.body_limit(share_.options.max_body);
    const error_code failure = co_await read(parser);
    if (failure) {
        keep_alive_ = false;
        if (const auto problem = read_problem(failure)) {
            HttpAnswer refusal = problem_answer(*problem, request_id_);
            co_await send_whole(std::move(refusal));
        }
        co_return Next::close;
    }
    const auto& message = parser.get();
    version_ = message.version();
    keep_alive_ = message.keep_alive() && !share_.stopping;
    if (const std::string id = text_of(message["X-Request-Id"]); telemetry::is_acceptable_request_id(id)) {
        request_id_ = id;
    }
    const bool sent = co_await answer(parser);
    co_return sent&& keep_alive_ ? Next::go_on : Next::close;
}

asio::awaitable<bool> HttpConnection::wait_for_bytes() {
    if (buffer_.size() > 0) {
        co_return true;
    }
    stream_.expires_after(share_.options.idle_timeout);
    const auto [failure, count] = co_await stream_.async_read_some(buffer_.prepare(read_size), as_result);
    buffer_.commit(count);
    co_return !failure;
}

asio::awaitable<error_code> HttpConnection::read(RequestParser& parser) {
    stream_.expires_after(share_.options.request_timeout);
    const auto [failure, count] = co_await http::async_read_header(stream_, buffer_, parser, as_result);
    if (failure) {
        co_return failure;
    }
    version_ = parser.get().version();
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, version_);
        const auto [not_sent, sent] = co_await http::async_write(stream_, go_on, as_result);
        if (not_sent) {
            co_return not_sent;
        }
    }
    const auto [body_failure, body_count] = co_await http::async_read(stream_, buffer_, parser, as_result);
    co_return body_failure;
}

asio::awaitable<bool> HttpConnection::answer(const RequestParser& parser) {
    HttpRequest request = request_of(parser.get());
    request.request_id = request_id_;
    request.remote_address = remote_address_;
    if (parser.get().count(http::field::authorization) > 1 || parser.get().count("X-API-Key") > 1) {
        HttpAnswer refusal =
            problem_answer({ErrorCode::invalid_argument, "more than one credential"}, request_id_);
        const bool told = co_await send_whole(std::move(refusal));
        co_return told;
    }
    const auto started = SteadyClock::now();
    bool sent = false;
    if (const auto pipe = hand_to_worker(request)) {
        pipe_ = pipe;
        sent = co_await send_pieces(*pipe);
        pipe->abandon();
    } else {
        const Error busy{ErrorCode::overloaded, "too many requests are being answered"};
        HttpAnswer refusal = problem_answer(busy, request_id_);
        sent = co_await send_whole(std::move(refusal));
    }
    log_answer(request, started);
    co_return sent;
}

std::shared_ptr<AnswerPipe> HttpConnection::hand_to_worker(const HttpRequest& request) {
    const auto wake = [timer = piece_ready_, strand = strand_] {
        asio::post(strand, [timer] { timer->cancel(); });
    };
    auto pipe = std::make_shared<AnswerPipe>(wake);
    if (request.path == "/livez") {
        // Alive means that this thread answers, however busy the workers are.
        answer_request(share_.api, request, *pipe);
        return pipe;
    }
    if (++share_.calls > share_.options.workers + share_.options.max_waiting) {
        --share_.calls;
        return nullptr;
    }
    asio::post(share_.workers, [&share = share_, pipe, asked = request] {
        answer_request(share.api, asked, *pipe);
        --share.calls;
    });
    return pipe;
}

void HttpConnection::log_answer(const HttpRequest& request, SteadyClock::time_point started) const {
    const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - started);
    share_.log.info("answered", {{"request_id", std::string_view(request_id_)},
                                 {"method", std::string_view(request.method)},
                                 {"path", std::string_view(request.path)},
                                 {"status", std::int64_t{status_}},
                                 {"elapsed_us", std::int64_t{spent.count()}},
                                 {"remote", std::string_view(remote_address_)}});
}

asio::awaitable<bool> HttpConnection::send_pieces(AnswerPipe& pipe) {
    while (true) {
        auto piece = pipe.take();
        if (!piece) {
            if (!stream_.socket().is_open()) {
                co_return false;
            }
            piece_ready_->expires_at(asio::steady_timer::time_point::max());
            co_await piece_ready_->async_wait(as_result);
            continue;
        }
        const bool last = piece->kind != AnswerPipe::Kind::head && piece->kind != AnswerPipe::Kind::chunk;
        const bool sent = co_await send_piece(std::move(*piece));
        if (last || !sent) {
            co_return sent;
        }
    }
}

asio::awaitable<bool> HttpConnection::send_piece(AnswerPipe::Piece piece) {
    bool sent = false;
    switch (piece.kind) {
        case AnswerPipe::Kind::whole:
            sent = co_await send_whole(std::move(piece.answer));
            break;
        case AnswerPipe::Kind::head:
            sent = co_await send_head(std::move(piece.answer));
            break;
        case AnswerPipe::Kind::chunk:
            sent = co_await send_chunk(std::move(piece.bytes));
            break;
        case AnswerPipe::Kind::end:
            sent = co_await send_end();
            break;
        case AnswerPipe::Kind::cut:
            break;
    }
    co_return sent;
}

asio::awaitable<bool> HttpConnection::send_whole(HttpAnswer answer) {
    status_ = answer.status;
    http::response<http::string_body> message(http::int_to_status(static_cast<unsigned>(answer.status)),
                                              version_);
    set_common_fields(message, answer, request_id_);
    message.body() = std::move(answer.body);
    message.keep_alive(keep_alive_);
    message.prepare_payload();
    stream_.expires_after(share_.options.write_timeout);
    const auto [failure, count] = co_await http::async_write(stream_, message, as_result);
    co_return !failure;
}

asio::awaitable<bool> HttpConnection::send_head(HttpAnswer answer) {
    status_ = answer.status;
    http::response<http::empty_body> message(http::int_to_status(static_cast<unsigned>(answer.status)),
                                             version_);
    set_common_fields(message, answer, request_id_);
    keep_alive_ = keep_alive_ && version_ >= first_with_chunks;
    message.keep_alive(keep_alive_);
    message.chunked(version_ >= first_with_chunks);
    http::response_serializer<http::empty_body> serializer(message);
    stream_.expires_after(share_.options.write_timeout);
    const auto [failure, count] = co_await http::async_write_header(stream_, serializer, as_result);
    co_return !failure;
}

asio::awaitable<bool> HttpConnection::send_chunk(std::string bytes) {
    stream_.expires_after(share_.options.write_timeout);
    if (version_ < first_with_chunks) {
        const auto [failure, count] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
        co_return !failure;
    }
    const auto [failure, count] =
        co_await asio::async_write(stream_, http::make_chunk(asio::buffer(bytes)), as_result);
    co_return !failure;
}

asio::awaitable<bool> HttpConnection::send_end() {
    if (version_ < first_with_chunks) {
        co_return false;
    }
    stream_.expires_after(share_.options.write_timeout);
    const auto [failure, count] = co_await asio::async_write(stream_, http::make_chunk_last(), as_result);
    co_return !failure;
}

}  // namespace majed::api
