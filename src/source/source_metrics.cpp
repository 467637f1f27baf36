// SPDX-License-Identifier: Apache-2.0
#include "source/source_metrics.h"

#include "format/text.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace majed::source {

namespace {

using pool::DurationHistogram;
using pool::MetricKind;

struct BreakerMetric {
    std::string_view name;
    std::string_view label;
    std::uint64_t (*read)(const pool::BreakerSnapshot&);
};

template <auto Member>
std::uint64_t counter(const pool::BreakerSnapshot& breaker) {
    return breaker.counters.*Member;
}

constexpr std::array<BreakerMetric, 7> breaker_counters{{
    {"majed.breaker.calls", "outcome=succeeded", counter<&pool::BreakerCounters::succeeded>},
    {"majed.breaker.calls", "outcome=failed", counter<&pool::BreakerCounters::failed>},
    {"majed.breaker.calls", "outcome=slow", counter<&pool::BreakerCounters::slow>},
    {"majed.breaker.calls", "outcome=ignored", counter<&pool::BreakerCounters::ignored>},
    {"majed.breaker.calls", "outcome=rejected", counter<&pool::BreakerCounters::rejected>},
    {"majed.breaker.openings", "", counter<&pool::BreakerCounters::opened>},
    {"majed.breaker.transitions", "", counter<&pool::BreakerCounters::transitions>},
}};

constexpr std::array<pool::BreakerStatus, 6> breaker_states{
    pool::BreakerStatus::closed,      pool::BreakerStatus::open,     pool::BreakerStatus::half_open,
    pool::BreakerStatus::forced_open, pool::BreakerStatus::disabled, pool::BreakerStatus::login_refused};

class MetricsText {
public:
    void family(std::string_view name, std::string_view suffix, std::string_view type) {
        std::string full;
        for (const char c : name) {
            full += c == '.' ? '_' : c;
        }
        full += suffix;
        if (full != name_) {
            name_ = std::move(full);
            text_ += "# TYPE " + name_ + " " + std::string(type) + "\n";
        }
    }

    /// `label` is empty or `key=value`.
    void sample(std::string_view source, std::string_view label, std::string_view value) {
        sample("", source, label, value);
    }
    void sample(std::string_view part, std::string_view source, std::string_view label,
                std::string_view value) {
        text_ += name_;
        text_ += part;
        text_ += "{source=\"";
        append_escaped(source);
        text_ += '"';
        if (const auto equals = label.find('='); equals != std::string_view::npos) {
            text_ += ',';
            text_ += label.substr(0, equals);
            text_ += "=\"";
            append_escaped(label.substr(equals + 1));
            text_ += '"';
        }
        text_ += "} ";
        text_ += value;
        text_ += '\n';
    }

    void histogram(std::string_view source, const DurationHistogram& histogram) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i + 1 < DurationHistogram::bucket_count; ++i) {
            below += histogram.buckets().at(i);
            const std::chrono::duration<double> end(std::chrono::nanoseconds(std::int64_t{1024} << i));
            sample("_bucket", source, "le=" + format::real_text(end.count()), std::to_string(below));
        }
        sample("_bucket", source, "le=+Inf", std::to_string(histogram.count()));
        sample("_sum", source, "", format::real_text(std::chrono::duration<double>(histogram.sum()).count()));
        sample("_count", source, "", std::to_string(histogram.count()));
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void append_escaped(std::string_view value) {
        for (const char c : value) {
            if (c == '\\' || c == '"') {
                text_ += '\\';
            }
            text_ += c == '\n' ? ' ' : c;
        }
    }

    std::string text_;
    std::string name_;
};

void append_pool(MetricsText& text, std::span<const SourceCounts> sources) {
    for (const pool::PoolMetric& metric : pool::pool_metrics()) {
        switch (metric.kind) {
            case MetricKind::counter:
                text.family(metric.name, "_total", "counter");
                break;
            case MetricKind::gauge:
                text.family(metric.name, "", "gauge");
                break;
            case MetricKind::seconds_histogram:
                text.family(metric.name, "_seconds", "histogram");
                break;
        }
        for (const SourceCounts& source : sources) {
            if (metric.histogram != nullptr) {
                text.histogram(source.source, source.pool.*metric.histogram);
            } else {
                const auto whole = static_cast<std::int64_t>(metric.read(source.pool));
                text.sample(source.source, metric.label, std::to_string(whole));
            }
        }
    }
}

void append_breaker(MetricsText& text, std::span<const SourceCounts> sources) {
    for (const BreakerMetric& metric : breaker_counters) {
        text.family(metric.name, "_total", "counter");
        for (const SourceCounts& source : sources) {
            text.sample(source.source, metric.label, std::to_string(metric.read(source.breaker)));
        }
    }
    text.family("majed.breaker.state", "", "gauge");
    for (const SourceCounts& source : sources) {
        for (const pool::BreakerStatus status : breaker_states) {
            text.sample(source.source, "state=" + std::string(name_of(status)),
                        source.breaker.status == status ? "1" : "0");
        }
    }
}

}  // namespace

std::string metrics_text(std::span<const SourceCounts> sources) {
    MetricsText text;
    append_pool(text, sources);
    append_breaker(text, sources);
    return text.take();
}

}  // namespace majed::source
