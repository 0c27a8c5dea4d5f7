#define CAF_SUITE ws_frames

#include "net/detail/ws_frames.hpp"
#include "net/client_frames.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

using namespace clique;
using namespace clique::testing;

CAF_TEST(any bytes are read without harm and in any cut alike) { // F14
  auto random = std::uint64_t{42};
  auto next = [&] { return (random = random * 6364136223846793005ULL + 1442695040888963407ULL) >> 33; };
  for (auto round = 0; round < 2'000; ++round) {
    std::string bytes;
    for (auto i = next() % 3; i > 0; --i)
      bytes += frame(0x81, std::string(next() % 200, 'a'));
    for (auto i = next() % 20; i > 0; --i)
      bytes += static_cast<char>(next());
    auto run = [&](std::size_t step) {
      http::frame_reader reader{4'096};
      std::string log, held;
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        held += bytes.substr(at, step);
        auto view = std::string_view{held};
        while (true) {
          auto event = reader.next(view);
          if (event.what == http::frame_event::kind::need_more)
            break;
          log += fmt::format("{} {} {};", static_cast<int>(event.what), event.code, event.payload);
          if (event.what == http::frame_event::kind::violation || event.what == http::frame_event::kind::close)
            return log;
        }
        held.erase(0, held.size() - view.size());
      }
      return log;
    };
    CAF_REQUIRE_EQUAL(run(1), run(bytes.size() + 1));
  }
}
