"""What an interruption leaves in the folder of a search is usable."""

import json

from dfutils.tuning.folder import drop_unstarted


def test_trials_that_the_search_does_not_list_are_dropped(tmp_path):
    drop_unstarted(tmp_path / "missing")
    (tmp_path / "oracle.json").write_text(json.dumps({"start_order": ["0", "1"]}))
    for trial_id in "012":
        (tmp_path / f"trial_{trial_id}").mkdir()
    drop_unstarted(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("trial_*")) == ["trial_0", "trial_1"]
