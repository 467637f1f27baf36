// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_trail.h"

#include "audit/record_writer.h"
#include "audit/sensitive_details.h"
#include "core/mutex.h"

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

namespace majed::audit {
namespace {

/// A full batch is committed without waiting for company; more than this in one transaction gains nothing.
constexpr std::size_t full_batch = 4096;

/// A slow commit says little about the disk when nothing was written for so long.
constexpr std::chrono::minutes slowness_holds{1};

Error queue_full() {
    return Error{.code = ErrorCode::overloaded,
                 .message = "the audit trail has too many records waiting",
                 .retry_after = std::chrono::seconds(1)};
}

/// `code`: timeout when it was the caller's own deadline that came.
Error too_slow(ErrorCode code) {
    return Error{.code = code,
                 .message = "the audit trail takes too long to be written",
                 .retry_after = std::chrono::seconds(1)};
}

/// What is told of an intent whose caller went away: it may be on disk one day, and nothing was done.
AuditRecord outcome_of_a_late(const AuditRecord& intent) {
    AuditRecord outcome = intent;
    outcome.phase = Phase::outcome;
    outcome.details.clear();
    outcome.fail(too_slow(ErrorCode::unavailable));
    return outcome;
}

}  // namespace

std::string_view to_string(Phase phase) noexcept {
    switch (phase) {
        case Phase::intent:
            return "intent";
        case Phase::outcome:
            return "outcome";
        case Phase::event:
            break;
    }
    return "event";
}

void AuditRecord::fail(const Error& error) {
    success = false;
    error_message = std::string(traits(error.code).name) + ": " +
                    (error.recorded.empty() ? error.message : error.recorded);
}

/// The queue, those who wait for it, and the thread that empties it.
class AuditTrail::Writer {
public:
    Writer(AuditOptions options, RecordWriter disk) : options_(std::move(options)), disk_(std::move(disk)) {
        thread_ = std::thread([this] { run(); });
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        {
            const Lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    [[nodiscard]] const AuditOptions& options() const noexcept { return options_; }

    [[nodiscard]] Result<void> append(AuditRecord&& record, Assurance assurance, Deadline until) {
        const auto now = std::chrono::system_clock::now();
        if (assurance == Assurance::strict)
            return append_and_wait(QueuedRecord{std::move(record), now}, until);
        bool wake = false;
        {
            const Lock lock(mutex_);
            if (!take_in(QueuedRecord{std::move(record), now})) return {};
            // In between the writer is gathering already: waking it again would cost every caller a system call.
            wake = queue_.size() == 1 || queue_.size() == full_batch;
        }
        if (wake) wake_.notify_one();
        return {};
    }

    /// On the caller's thread: a new key is written to the store, which the writer may hold.
    [[nodiscard]] Result<void> seal(AuditRecord& record, Assurance assurance) {
        const RecordPlace place{record.event_id, to_string(record.phase)};
        auto sealed = with_sealed(record.details, record.sensitive, place, options_.seal.get());
        record.sensitive.clear();
        if (sealed) {
            record.details = std::move(*sealed);
            return {};
        }
        if (assurance == Assurance::strict) return std::move(sealed).error();
        record.details = with_nothing_sealed(record.details);
        const Lock lock(mutex_);
        ++stats_.unsealed;
        return {};
    }

    void flush() {
        const Lock lock(mutex_);
        const std::uint64_t target = taken_in_;
        if (settled_ >= target) return;
        hurry_ = true;
        wake_.notify_one();
        while (settled_ < target) done_.wait(mutex_);
    }

    [[nodiscard]] AuditStats stats() const {
        const Lock lock(mutex_);
        AuditStats stats = stats_;
        stats.waiting = taken_in_ - settled_;
        const bool lately = SteadyClock::now() - last_commit_ < slowness_holds;
        stats.slow = (stats.slow && lately) || (committing_since_ && takes_long(*committing_since_));
        return stats;
    }

private:
    struct Waiter {
        bool done = false;
        std::optional<Error> error;
    };

    /// False: the queue is full, and the record is lost and counted.
    [[nodiscard]] bool take_in(QueuedRecord&& queued) MAJED_REQUIRES(mutex_) {
        if (queue_.size() >= options_.max_queued) {
            ++lost_;
            ++stats_.dropped;
            return false;
        }
        queue_.push_back(std::move(queued));
        ++taken_in_;
        return true;
    }

    [[nodiscard]] Result<void> append_and_wait(QueuedRecord queued, Deadline callers) {
        const Deadline ours = deadline_after(options_.strict_wait);
        const Deadline until = std::min(callers, ours);
        std::optional<QueuedRecord> if_late;
        if (queued.record.phase == Phase::intent) {
            if_late = QueuedRecord{outcome_of_a_late(queued.record), queued.when};
        }
        const Lock lock(mutex_);
        if (queue_.size() >= options_.max_queued) {
            ++stats_.refused;
            return queue_full();
        }
        const auto waiter = std::make_shared<Waiter>();
        queued.waiter = waiters_.size();
        waiters_.push_back(waiter);
        queue_.push_back(std::move(queued));
        ++taken_in_;
        hurry_ = true;
        wake_.notify_one();
        while (!waiter->done) {
            if (done_.wait_until(mutex_, until) == std::cv_status::no_timeout || waiter->done) continue;
            ++stats_.late;
            if (if_late) static_cast<void>(take_in(std::move(*if_late)));
            return too_slow(callers < ours ? ErrorCode::timeout : ErrorCode::unavailable);
        }
        if (waiter->error) return std::move(*waiter->error);
        return {};
    }

    void run() {
        std::vector<QueuedRecord> batch;
        std::vector<std::shared_ptr<Waiter>> waiting;
        mutex_.lock();
        while (true) {
            while (!stopping_ && queue_.empty()) rest();
            if (queue_.empty()) break;
            gather();
            batch.swap(queue_);
            waiting.swap(waiters_);
            hurry_ = false;
            const std::uint64_t lost = lost_;
            committing_since_ = SteadyClock::now();
            mutex_.unlock();
            const auto outcomes = disk_.write(batch, lost);
            mutex_.lock();
            settle(batch, waiting, outcomes, lost);
            count_commit(outcomes.has_value());
            done_.notify_all();
            waiting.clear();
            mutex_.unlock();
            batch.clear();  // thousands of strings: not while callers wait for the lock
            mutex_.lock();
        }
        const std::uint64_t lost = std::exchange(lost_, 0);
        mutex_.unlock();
        if (lost != 0) leave_last_gap(lost);
        // Who comes next signs what could not be signed now.
        if (disk_.tree().has_unsigned()) static_cast<void>(disk_.sign());
    }

    /// Until there is work, or a head is due for what was written before, or what was lost may be told at last.
    void rest() MAJED_REQUIRES(mutex_) {
        const bool must_sign = disk_.tree().has_unsigned();
        if (!must_sign && lost_ == 0) {
            wake_.wait(mutex_);
            return;
        }
        const Deadline sign_at = must_sign ? disk_.tree().due_at() : Deadline::max();
        const Deadline tell_at = lost_ != 0 ? last_commit_ + options_.retry_gap : Deadline::max();
        if (wake_.wait_until(mutex_, std::min(sign_at, tell_at)) == std::cv_status::no_timeout) return;
        const std::uint64_t lost = tell_at < sign_at ? lost_ : 0;
        committing_since_ = SteadyClock::now();
        mutex_.unlock();
        const bool done = lost != 0 ? disk_.write({}, lost).has_value() : disk_.sign().has_value();
        mutex_.lock();
        if (done) lost_ -= lost;
        count_commit(done);
    }

    /// Lets best-effort records of the next moments share a commit, unless somebody waits for one.
    void gather() MAJED_REQUIRES(mutex_) {
        const auto until = std::chrono::steady_clock::now() + options_.gather_for;
        while (!stopping_ && !hurry_ && queue_.size() < full_batch) {
            if (wake_.wait_until(mutex_, until) == std::cv_status::timeout) return;
        }
    }

    void settle(const std::vector<QueuedRecord>& batch, const std::vector<std::shared_ptr<Waiter>>& waiting,
                const Result<std::vector<std::optional<Error>>>& outcomes, std::uint64_t lost)
        MAJED_REQUIRES(mutex_) {
        if (outcomes) lost_ -= lost;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            std::optional<Error> error;
            if (!outcomes) {
                error = outcomes.error();
            } else {
                error = (*outcomes)[i];
            }
            settle_one(batch[i], waiting, std::move(error));
        }
        settled_ += batch.size();
    }

    void settle_one(const QueuedRecord& queued, const std::vector<std::shared_ptr<Waiter>>& waiting,
                    std::optional<Error> error) MAJED_REQUIRES(mutex_) {
        if (!error) ++stats_.written;
        if (queued.waiter != QueuedRecord::no_waiter) {
            if (error) ++stats_.refused;
            waiting[queued.waiter]->error = std::move(error);
            waiting[queued.waiter]->done = true;
            return;
        }
        if (error) {
            ++lost_;
            ++stats_.dropped;
        }
    }

    void count_commit(bool done) MAJED_REQUIRES(mutex_) {
        if (!done) ++stats_.failed_commits;
        stats_.failing = !done;
        stats_.slow = takes_long(*committing_since_);
        if (stats_.slow) ++stats_.slow_commits;
        committing_since_.reset();
        last_commit_ = SteadyClock::now();
        stats_.unfiled_heads = disk_.tree().unfiled();
    }

    [[nodiscard]] bool takes_long(SteadyClock::time_point since) const {
        return SteadyClock::now() - since > options_.slow_after;
    }

    /// What was lost and not told, because nothing came after it.
    void leave_last_gap(std::uint64_t lost) {
        if (disk_.write({}, lost)) return;
        const Lock lock(mutex_);
        ++stats_.failed_commits;
    }

    const AuditOptions options_;
    RecordWriter disk_;  ///< Touched by the writer thread alone.

    mutable Mutex mutex_;
    std::condition_variable_any wake_;  ///< To the writer: there is work.
    std::condition_variable_any done_;  ///< To waiting callers: a batch is settled.
    std::vector<QueuedRecord> queue_ MAJED_GUARDED_BY(mutex_);
    std::vector<std::shared_ptr<Waiter>> waiters_
        MAJED_GUARDED_BY(mutex_);  ///< Of callers inside append, or who left.
    std::uint64_t taken_in_ MAJED_GUARDED_BY(mutex_) = 0;
    std::uint64_t settled_ MAJED_GUARDED_BY(mutex_) = 0;
    std::uint64_t lost_ MAJED_GUARDED_BY(mutex_) = 0;  ///< Not yet told by a gap record.
    AuditStats stats_ MAJED_GUARDED_BY(mutex_);
    std::optional<SteadyClock::time_point> committing_since_ MAJED_GUARDED_BY(mutex_);
    SteadyClock::time_point last_commit_ MAJED_GUARDED_BY(mutex_) = {};
    bool hurry_ MAJED_GUARDED_BY(mutex_) = false;
    bool stopping_ MAJED_GUARDED_BY(mutex_) = false;
    std::thread thread_;  ///< Last: starts when everything above is there.
};

AuditTrail::AuditTrail(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

AuditTrail::~AuditTrail() = default;

Result<std::unique_ptr<AuditTrail>> AuditTrail::open(AuditOptions options) {
    MAJED_TRY_ASSIGN(auto disk, RecordWriter::open(options));
    auto writer = std::make_unique<Writer>(std::move(options), std::move(disk));
    return std::unique_ptr<AuditTrail>(new AuditTrail(std::move(writer)));
}

Assurance AuditTrail::read_assurance() const noexcept {
    return writer_->options().reads;
}

StatementText AuditTrail::statements() const noexcept {
    return writer_->options().statements;
}

Result<void> AuditTrail::can_seal() {
    DetailSeal* const seal = writer_->options().seal.get();
    if (seal != nullptr && seal->prepare()) return {};
    return cannot_seal();
}

Result<void> AuditTrail::append(AuditRecord record, Assurance assurance, Deadline until) {
    if (!record.sensitive.empty()) MAJED_TRY(writer_->seal(record, assurance));
    return writer_->append(std::move(record), assurance, until);
}

void AuditTrail::flush() {
    writer_->flush();
}

AuditStats AuditTrail::stats() const {
    return writer_->stats();
}

}  // namespace majed::audit
