#include "actors/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <unordered_map>
#include <vector>

namespace clique {

namespace {

const prometheus::Histogram::BucketBoundaries& bounds() {
  static const auto result = [] {
    prometheus::Histogram::BucketBoundaries xs;
    for (double x = 0.0001; x <= 100; x *= 2)
      xs.push_back(x);
    return xs;
  }();
  return result;
}

struct watched {
  prometheus::Gauge* gauge;
  std::function<double()> read;
};

std::string key_of(std::string_view name, const metrics::labels& which) {
  auto result = std::string{name};
  for (const auto& [label, value] : which) {
    result += '\0';
    result += label;
    result += '\1';
    result += value;
  }
  return result;
}

} // namespace

struct metrics::impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::unordered_map<std::string, prometheus::Counter*> counters;
  std::unordered_map<std::string, prometheus::Gauge*> gauges;
  std::unordered_map<std::string, prometheus::Histogram*> histograms;
  std::vector<watched> watches;

  prometheus::Counter& counter(std::string_view name, const labels& which) {
    auto guard = std::scoped_lock{mutex};
    auto& slot = counters[key_of(name, which)];
    if (slot == nullptr)
      slot = &prometheus::BuildCounter().Name(std::string{name}).Register(registry).Add(which);
    return *slot;
  }
  prometheus::Gauge& gauge(std::string_view name, const labels& which) {
    auto guard = std::scoped_lock{mutex};
    auto& slot = gauges[key_of(name, which)];
    if (slot == nullptr)
      slot = &prometheus::BuildGauge().Name(std::string{name}).Register(registry).Add(which);
    return *slot;
  }
  prometheus::Histogram& histogram(std::string_view name, const labels& which) {
    auto guard = std::scoped_lock{mutex};
    auto& slot = histograms[key_of(name, which)];
    if (slot == nullptr)
      slot = &prometheus::BuildHistogram().Name(std::string{name}).Register(registry).Add(which, bounds());
    return *slot;
  }
};

metrics::metrics() : impl_(std::make_unique<impl>()) {
}
metrics::~metrics() = default;

void metrics::count(std::string_view name, const labels& which, double n) {
  impl_->counter(name, which).Increment(n);
}

void metrics::gauge(std::string_view name, const labels& which, double value) {
  impl_->gauge(name, which).Set(value);
}

void metrics::observe(std::string_view name, const labels& which, double value) {
  impl_->histogram(name, which).Observe(value);
}

std::function<void(double)> metrics::counter(std::string_view name, const labels& which) {
  return [x = &impl_->counter(name, which)](double n) { x->Increment(n); };
}

void metrics::watch(std::string_view name, const labels& which, std::function<double()> read) {
  auto& slot = impl_->gauge(name, which);
  auto guard = std::scoped_lock{impl_->mutex};
  impl_->watches.push_back({&slot, std::move(read)});
}

std::string metrics::text() const {
  {
    auto guard = std::scoped_lock{impl_->mutex};
    for (const auto& x : impl_->watches)
      x.gauge->Set(x.read());
  }
  return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

} // namespace clique
