# SPDX-License-Identifier: Apache-2.0
"""Files are wrong, or cannot be written."""

from cases import short, steps
from virtual import product


def case_full_disk(board):
    """With a full disk lines go on, and a dead daemon comes back."""
    board.sh(f"{steps.FILL}; ! touch /var/lib/pinfer/x 2>/dev/null || ! echo full >/var/lib/pinfer/x", 30)
    board.go_active()
    steps.kill_pinferd(board)
    steps.kill_guard(board)


def case_read_only_disk(board):
    """The file system turns read-only, as after an error of the card."""
    board.go_active()
    board.sh("echo u >/proc/sysrq-trigger; sleep 1; ! touch /var/lib/pinfer/x 2>/dev/null")
    board.expect_stays(product.ACTIVE, 1, "read-only")
    steps.kill_pinferd(board)


@short
def case_bad_config(board):
    """A wrong file is refused with its place; a restart with it is safe, the corrected file brings it back."""
    board.go_active()
    good = product.config(board.world)
    product.configure(board.shell, good.replace("label: 7,", "lable: 7,", 1))
    board.expect_log(f"{product.CONFIG}:", 10)
    board.expect_log("did you mean", 5)
    board.sh("systemctl reload pinferd; sleep 1")
    board.expect_stays(product.ACTIVE, 1, "the old configuration goes on")
    board.shell.write(product.CONFIG, b"\0\xff\x1b outputs: [[[")
    board.expect_stays(product.ACTIVE, 2, "the old configuration goes on")
    board.sh("systemctl restart --no-block pinferd")
    board.expect(product.SAFE, 2, "restarted with garbage")
    board.expect_stays(product.SAFE, 3, "restarted with garbage")
    product.configure(board.shell, good)
    board.expect(product.ACTIVE, steps.START, "file corrected")


def case_new_config(board):
    """A correct new file takes over without a blink of the lines it leaves alone."""
    board.go_active()
    swapped = product.config(board.world).replace("label: 5", "label: 7")
    with board.steady(0b011, "gate and lamp"):
        product.configure(board.shell, swapped)
        board.expect(0b101, 15, "the valve follows the 7 now")
        product.configure(board.shell, product.config(board.world))
        board.expect(product.ACTIVE, 15, "back again")


def case_bad_model(board):
    """The model is overwritten in place, cut and replaced by noise: the running one goes on, a restart is safe."""
    board.go_active()
    old = board.pid("pinferd")
    board.sh(f"cp {product.MODEL} /root/good.tflite; truncate -s 1000 {product.MODEL}; systemctl reload pinferd; sleep 2")
    board.expect_stays(product.ACTIVE, 1, "model file cut")
    board.sh(f"head -c 23000 /dev/urandom >{product.MODEL}; systemctl reload pinferd; sleep 2")
    board.expect_stays(product.ACTIVE, 1, "model file is noise")
    board.require_same_process("pinferd", old)
    board.sh("systemctl restart --no-block pinferd")
    board.expect(product.SAFE, 2, "restarted with a bad model")
    board.expect_stays(product.SAFE, 3, "restarted with a bad model")
    board.sh(f"cp /root/good.tflite {product.MODEL}")
    board.expect(product.ACTIVE, steps.START + 10, "model restored")


def case_clock_jumps(board):
    """The wall clock goes to 1970 and to 2038: no lease, no age, no timer follows it."""
    board.go_active()
    for day in ("1970-01-02", "2038-01-18"):
        board.sh(f"date -s '{day} 12:00:00'")
        board.expect_stays(product.ACTIVE, 2, f"clock at {day}")
    board.show("none")
    board.expect(product.IDLE, 5, "the 7 is gone")
