#define CAF_SUITE open_deliveries

#include "actors/open_deliveries.hpp"

#include "support/check.hpp"

#include <map>
#include <random>

using namespace clique;

namespace {

constexpr auto a = store_id{1}, b = store_id{2};
constexpr children_mask first = 1, second = 2;

open_deliveries::row row(store_id store, std::int64_t seq, children_mask who = first, std::int32_t part = 3) {
  return {store, {part, seq}, who, 10};
}

/// All partitions are known to be empty from the beginning.
open_deliveries fresh(open_deliveries::limits bounds = {}) {
  open_deliveries result{bounds};
  std::vector<std::int64_t> cursors(num_partitions, 0);
  result.start(cursors);
  while (auto page = result.next_page())
    result.arrived(*page, {}, true);
  return result;
}

std::int64_t mark(open_deliveries& x) {
  auto marks = x.low_water();
  return marks.empty() ? 0 : marks.front().seq;
}

} // namespace

CAF_TEST(a delivery is open until every child that wants it has closed it) {
  auto x = fresh();
  CAF_CHECK(x.accept(row(a, 1, first | second)));
  x.closed(a, first, 1);
  CAF_CHECK_EQUAL(mark(x), 0);
  x.closed(a, second, 1);
  CAF_CHECK_EQUAL(mark(x), 1);
  CAF_CHECK_EQUAL(x.in_memory(), 0u);
}

CAF_TEST(a topic that nobody wants is closed at once) {
  auto x = fresh();
  CAF_CHECK(!x.accept(row(a, 1, 0)));
  CAF_CHECK_EQUAL(mark(x), 1);
}

CAF_TEST(the cursor waits for the slowest store) {
  auto x = fresh();
  x.accept(row(a, 1));
  x.accept(row(b, 2));
  x.accept(row(a, 3));
  x.closed(a, first, 3);
  CAF_CHECK_EQUAL(mark(x), 1);
  x.closed(b, first, 2);
  CAF_CHECK_EQUAL(mark(x), 3);
}

CAF_TEST(a mark is told once and again when it could not be written) {
  auto x = fresh();
  x.accept(row(a, 1, 0));
  CAF_CHECK_EQUAL(mark(x), 1);
  CAF_CHECK_EQUAL(mark(x), 0);
  x.forget_marks();
  CAF_CHECK_EQUAL(mark(x), 1);
}

CAF_TEST(at start everything after the cursor is read before new deliveries are routed) {
  open_deliveries x{{}};
  std::vector<std::int64_t> cursors(num_partitions, 5);
  x.start(cursors);
  CAF_CHECK(!x.accept(row(a, 8)));
  auto page = *x.next_page();
  CAF_CHECK_EQUAL(page.after, 5);
  std::vector<open_deliveries::row> rows{row(a, 6, first, page.part), row(a, 7, first, page.part)};
  CAF_CHECK_EQUAL(x.arrived(page, rows, true).size(), 2u);
}

CAF_TEST(a gap in the sequence is read from the database) {
  auto x = fresh();
  x.accept(row(a, 1));
  CAF_CHECK(!x.accept(row(a, 3))); // 2 was committed when we did not hear of it
  auto page = x.next_page();
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->part, 3);
  CAF_CHECK_EQUAL(page->after, 1);
  std::vector<open_deliveries::row> rows{row(b, 2), row(a, 3)};
  CAF_CHECK_EQUAL(x.arrived(*page, rows, true).size(), 2u);
  CAF_CHECK(x.accept(row(a, 4)));
}

CAF_TEST(a duplicate of a delivery that we never saw is proof of one) {
  auto x = fresh();
  x.seen({3, 1});
  CAF_CHECK(x.behind());
  CAF_CHECK_EQUAL(x.next_page()->part, 3);
}

CAF_TEST(a store that is far behind stays in the database and its neighbour does not ) {
  auto x = fresh({.per_store = 4, .total = 100, .bytes = 1'000});
  for (std::int64_t i = 1; i <= 4; ++i)
    CAF_CHECK(x.accept(row(a, i)));
  CAF_CHECK(!x.accept(row(a, 5)));
  CAF_CHECK(x.accept(row(b, 6)));
  CAF_CHECK(!x.accept(row(a, 7)));
  CAF_CHECK(!x.next_page()); // no room for it yet
  x.closed(a, first, 4);
  auto page = x.next_page();
  CAF_REQUIRE(page && page->only == a);
  CAF_CHECK_EQUAL(page->after, 4);
  std::vector<open_deliveries::row> rows{row(a, 5), row(b, 6), row(a, 7)};
  CAF_CHECK_EQUAL(x.arrived(*page, rows, true), (std::vector<std::size_t>{0, 2}));
  CAF_CHECK(!x.behind());
  CAF_CHECK(x.accept(row(a, 8)));
}

CAF_TEST(a spilled delivery holds the cursor) {
  auto x = fresh({.per_store = 1, .total = 100, .bytes = 1'000});
  x.accept(row(a, 1));
  x.accept(row(a, 2));
  x.closed(a, first, 1);
  CAF_CHECK_EQUAL(mark(x), 1);
}

CAF_TEST(memory is bounded by bytes over all stores) {
  auto x = fresh({.per_store = 100, .total = 100, .bytes = 25});
  CAF_CHECK(x.accept(row(a, 1)));
  CAF_CHECK(x.accept(row(b, 2)));
  CAF_CHECK(x.accept(row(a, 3)));
  CAF_CHECK(!x.accept(row(b, 4)));
  CAF_CHECK_EQUAL(x.bytes_in_memory(), 30u);
}

CAF_TEST(what a lost tree had open is read again) {
  auto x = fresh();
  x.accept(row(a, 1));
  x.accept(row(a, 2));
  x.lost(a);
  CAF_CHECK_EQUAL(x.in_memory(), 0u);
  auto page = x.next_page();
  CAF_REQUIRE(page && page->only == a);
  std::vector<open_deliveries::row> rows{row(a, 1), row(a, 2)};
  CAF_CHECK_EQUAL(x.arrived(*page, rows, true).size(), 2u);
  x.closed(a, first, 2);
  CAF_CHECK_EQUAL(mark(x), 2);
}

// Property: whatever the order of commits, pages, closings and losses, every wanted delivery reaches its tree in order
// and at least once, the cursor never passes an open one, and in the end it passes all.
CAF_TEST(nothing is lost in random histories) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    auto x = fresh({.per_store = 1 + seed % 5, .total = 2 + seed % 9, .bytes = 1'000});
    std::vector<open_deliveries::row> log;               // what the database holds
    std::map<store_id, std::vector<std::int64_t>> inbox; // at the trees
    std::map<store_id, std::int64_t> last_routed, done;
    std::int64_t cursor = 0;
    auto route = [&](const open_deliveries::row& r) {
      CAF_CHECK(r.place.seq > last_routed[r.store]);
      last_routed[r.store] = r.place.seq;
      inbox[r.store].push_back(r.place.seq);
    };
    auto read = [&] {
      auto page = x.next_page();
      if (!page)
        return;
      std::vector<open_deliveries::row> rows;
      for (const auto& r : log)
        if (page->part == 3 && r.place.seq > page->after && rows.size() < 3)
          rows.push_back(r);
      for (auto i : x.arrived(*page, rows, rows.size() < 3))
        route(rows[i]);
    };
    auto close = [&](store_id s) {
      auto& box = inbox[s];
      if (box.empty())
        return;
      done[s] = box.front();
      box.erase(box.begin());
      x.closed(s, first, done[s]);
    };
    auto check_cursor = [&] {
      for (auto m : x.low_water())
        cursor = m.seq;
      for (const auto& r : log)
        if (r.who != 0 && r.place.seq <= cursor)
          CAF_CHECK(done[r.store] >= r.place.seq);
    };
    for (int step = 0; step < 120; ++step) {
      auto s = random() % 2 == 0 ? a : b;
      switch (random() % 6) {
      case 0:
      case 1:
        log.push_back(row(s, static_cast<std::int64_t>(log.size()) + 1, random() % 5 == 0 ? 0 : first));
        if (random() % 8 != 0 && x.accept(log.back())) // else: a commit of unknown outcome
          route(log.back());
        break;
      case 2:
        read();
        break;
      case 3:
      case 4:
        close(s);
        break;
      default:
        check_cursor();
        if (random() % 20 == 0) {
          x.lost(s);
          inbox[s].clear();
          last_routed[s] = done[s];
        }
      }
    }
    x.suspect(3);
    for (int i = 0; i < 2'000; ++i) {
      read();
      close(a);
      close(b);
    }
    check_cursor();
    CAF_CHECK_EQUAL(cursor, static_cast<std::int64_t>(log.size()));
    CAF_CHECK_EQUAL(x.in_memory(), 0u);
  }
}
