"""How large the result of a convolution is."""

import pytest
import torch

from mlref.errors import ShapeError
from mlref.nn.conv import conv_output_shape, conv_parameter_count, pair


@pytest.mark.parametrize("n", [5, 8, 11])
@pytest.mark.parametrize("how", [(1, 1, 0, 1), (3, 2, 1, 2), (2, 3, 2, 3), (5, 1, 0, 1)])
def test_output_shape_matches_torch(n, how):
    kernel = how[0]
    y = torch.conv2d(torch.zeros(1, 1, n, n + 3), torch.zeros(1, 1, kernel, kernel), None, *how[1:])
    assert conv_output_shape((n, n + 3), *how) == tuple(y.shape[2:])


def test_a_sequence_has_one_length():
    assert conv_output_shape(10, 3, stride=2, padding=1) == (5,)


def test_rows_and_columns_have_settings_of_their_own():
    assert conv_output_shape((10, 20), (3, 5), stride=(2, 1), padding=(1, 0), dilation=(1, 2)) == (5, 12)


def test_a_kernel_may_just_fit():
    assert conv_output_shape((3, 3), 3) == (1, 1)
    with pytest.raises(ShapeError, match="the kernel covers 5 elements but an axis has 3 and 0 of padding"):
        conv_output_shape((9, 3), 3, dilation=2)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"stride": 0}, "stride is 0; it must be a whole number of at least 1"),
        ({"padding": (0, -1)}, r"padding is \(0, -1\)"),
        ({"dilation": (1, 1, 1)}, "one for each of the 2 axes"),
    ],
)
def test_settings_out_of_range_are_named(setting, words):
    with pytest.raises(ValueError, match=words):
        conv_output_shape((8, 8), 3, **setting)


def test_parameters_match_torch():
    layer = torch.nn.Conv2d(4, 8, (3, 5), groups=2)
    expected = sum(parameter.numel() for parameter in layer.parameters())
    assert conv_parameter_count(4, 8, (3, 5), groups=2) == expected
    assert conv_parameter_count(4, 8, (3, 5), groups=2, bias=False) == expected - 8
    with pytest.raises(ValueError, match="groups is 3; it must divide 4 and 8 channels"):
        conv_parameter_count(4, 8, (3, 5), groups=3)


def test_a_pair_is_one_number_or_two():
    assert pair(2, "stride") == pair([2, 2], "stride") == (2, 2)
    for wrong in ((1, 2, 3), (1.5, 2)):
        with pytest.raises(ValueError, match="two of them"):
            pair(wrong, "stride")
