#define CAF_SUITE persistence

#include "actors/persistence.hpp"

#include "fakes.hpp"

using namespace clique;

namespace {

write_batch batch(std::int64_t store, std::size_t rows = 1) {
  write_batch result;
  result.store = store_id{store};
  result.rows.resize(rows, sync_log_row{});
  return result;
}

struct fixture : test_coordinator_fixture<> {
  std::vector<std::size_t> transactions; ///< batches in each
  std::vector<std::string> answers;
  persistence_actor aut;

  fixture() {
    auto write = [this](std::span<const write_batch> xs) {
      transactions.push_back(xs.size());
      std::vector<result<written>> result;
      for (const auto& x : xs)
        if (raw(x.store) == 13)
          result.emplace_back(error{ec::bad_input, "no", ""});
        else
          result.emplace_back(written{{raw(x.store)}});
      return result;
    };
    aut = sys.spawn(persistence, write, std::make_shared<metrics>(), persistence_settings{.batches = 4, .rows = 10});
  }
  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void ask(write_batch x) {
    self->send(aut, write_request{std::move(x)});
  }
  std::vector<write_answer> all_answers(std::size_t n) {
    consume_messages();
    std::vector<write_answer> result;
    for (std::size_t i = 0; i < n; ++i)
      self->receive([&](write_answer& x) { result.push_back(std::move(x)); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(persistence_tests, fixture)

CAF_TEST(what waits is one transaction and every waiter is answered) {
  for (std::int64_t i = 1; i <= 3; ++i)
    ask(batch(i));
  auto got = all_answers(3);
  CAF_CHECK_EQUAL(transactions, std::vector<std::size_t>{3});
  for (std::size_t i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(got[i].what->call_ids.at(0), static_cast<std::int64_t>(i) + 1);
}

CAF_TEST(a neighbour failure is its own and its batch comes back) {
  ask(batch(1));
  ask(batch(13, 2));
  ask(batch(2));
  auto got = all_answers(3);
  CAF_CHECK(got[0].what && got[2].what);
  CAF_CHECK(got[1].what.error().code == ec::bad_input);
  CAF_CHECK_EQUAL(got[1].back.rows.size(), 2u);
}

CAF_TEST(a transaction is bounded in batches and rows) {
  for (std::int64_t i = 1; i <= 5; ++i)
    ask(batch(i));
  all_answers(5);
  CAF_CHECK_EQUAL(transactions, (std::vector<std::size_t>{4, 1}));
  transactions.clear();
  for (std::int64_t i = 1; i <= 3; ++i)
    ask(batch(i, 6));
  ask(batch(4, 50)); // larger than a transaction: alone
  all_answers(4);
  CAF_CHECK_EQUAL(transactions, (std::vector<std::size_t>{1, 1, 1, 1}));
}

CAF_TEST_FIXTURE_SCOPE_END()
