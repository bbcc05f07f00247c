from dfutils.reporting.titles import short_title


def test_titles_are_words():
    assert short_title("04_gru_training") == "04 GRU training"
    assert short_title("09_detect_a_video") == "09 Detect a video"
