#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace clique {

/// Numbers for operators, in Prometheus' text format at /metrics. Thread-safe. A metric comes into being
/// when it is first touched. Labels hold names of features, topics and reasons, never of stores or people.
class metrics {
public:
  using labels = std::map<std::string, std::string>;

  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  /// Adds to a counter ("clique_..._total").
  void count(std::string_view name, const labels& which = {}, double n = 1);
  void gauge(std::string_view name, const labels& which, double value);
  /// Adds to a histogram with bounds that double from 100 us to 100 s; for counts too (name says the unit).
  void observe(std::string_view name, const labels& which, double value);

  /// A counter that is looked up once, for hot paths. Valid as long as this object.
  std::function<void(double)> counter(std::string_view name, const labels& which = {});

  /// *read* is called at each scrape, for numbers that live elsewhere.
  void watch(std::string_view name, const labels& which, std::function<double()> read);

  /// Exposition format, version 0.0.4.
  std::string text() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

using metrics_ptr = std::shared_ptr<metrics>;

} // namespace clique
