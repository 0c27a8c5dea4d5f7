#pragma once

#include "net/detail/answer_sink.hpp"

#include <memory>
#include <string>

namespace clique::test {

/// Remembers what a handler answered.
class recorded_answer {
public:
  http::responder responder() {
    return http::responder{std::make_shared<http::responder::state>(sink_, "request-1")};
  }
  /// 0: not answered.
  int status() const {
    return sink_->last.status;
  }
  const http::response& answer() const {
    return sink_->last;
  }

private:
  struct memory : http::answer_sink {
    http::response last{.status = 0, .content_type = {}, .headers = {}, .body = {}, .shared_body = {}};
    void deliver(http::response x) override {
      last = std::move(x);
    }
  };
  std::shared_ptr<memory> sink_ = std::make_shared<memory>();
};

} // namespace clique::test
