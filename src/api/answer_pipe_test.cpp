// SPDX-License-Identifier: Apache-2.0
#include "api/answer_pipe.h"

#include <gtest/gtest.h>

#include <thread>

namespace majed::api {
namespace {

using Kind = AnswerPipe::Kind;

TEST(AnswerPipe, hands_over_pieces_in_order_and_wakes_for_each) {
    int woken = 0;
    AnswerPipe pipe([&woken] { ++woken; });
    pipe.start({});
    ASSERT_TRUE(pipe.chunk("a"));
    pipe.finish(Responder::Ending::complete);
    EXPECT_EQ(woken, 3);
    EXPECT_EQ(pipe.take()->kind, Kind::head);
    EXPECT_EQ(pipe.take()->bytes, "a");
    EXPECT_EQ(pipe.take()->kind, Kind::end);
    EXPECT_FALSE(pipe.take());
}

TEST(AnswerPipe, makes_the_maker_wait_until_there_is_room) {
    AnswerPipe pipe([] {});
    pipe.start({});
    std::thread maker([&pipe] {
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(pipe.chunk(std::to_string(i)));
        }
        pipe.finish(Responder::Ending::complete);
    });
    int chunks = 0;
    for (auto kind = Kind::head; kind != Kind::end;) {
        if (const auto piece = pipe.take()) {
            kind = piece->kind;
            chunks += kind == Kind::chunk ? 1 : 0;
        } else {
            std::this_thread::yield();
        }
    }
    maker.join();
    EXPECT_EQ(chunks, 100);
}

TEST(AnswerPipe, releases_a_waiting_maker_when_the_caller_is_gone) {
    AnswerPipe pipe([] {});
    Result<void> last;
    std::thread maker([&] {
        while (last) {
            last = pipe.chunk("x");
        }
    });
    pipe.abandon();
    maker.join();
    EXPECT_EQ(last.error().code, ErrorCode::cancelled);
}

TEST(AnswerPipe, turns_an_unforeseen_failure_into_an_answer_or_a_cut) {
    AnswerPipe fresh([] {});
    fresh.break_off({500});
    EXPECT_EQ(fresh.take()->answer.status, 500);

    AnswerPipe begun([] {});
    begun.start({});
    begun.break_off({500});
    (void)begun.take();
    EXPECT_EQ(begun.take()->kind, Kind::cut);
}

}  // namespace
}  // namespace majed::api
