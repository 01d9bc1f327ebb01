#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pinfer deploy against boards that are folders (virtual.py). Usage: deploy_test.py PINFER"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import virtual  # noqa: E402  (found through the line above)
from virtual import Board, make_bundle, read, write  # noqa: E402

PINFER = ""
GOOD_CONFIG = "board: simulated\n"


class DeployTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.boards = os.path.join(self.folder, "boards")
        write(os.path.join(self.folder, "ssh"), virtual.SSH, 0o755)
        self.board = self.add_board("door")
        self.one = make_bundle(os.path.join(self.folder, "one"), "1.0-a")
        self.two = make_bundle(os.path.join(self.folder, "two"), "2.0-b")

    def add_board(self, name):
        return Board.make(os.path.join(self.boards, name))

    def deploy(self, *words, expect=0, board="door", **environment):
        names = [board] if board else []
        done = subprocess.run(
            [PINFER, "deploy", *names, *words], check=False, capture_output=True, text=True,
            env=dict(os.environ, PINFER_SSH=os.path.join(self.folder, "ssh"), BOARDS=self.boards,
                     **environment))
        said = done.stdout + done.stderr
        if expect is not None:
            self.assertEqual(done.returncode, expect, said)
        return said

    def config_file(self, text=GOOD_CONFIG):
        path = os.path.join(self.folder, "config.yaml")
        write(path, text)
        return path

    def model_folder(self, content="model"):
        write(os.path.join(self.folder, "digits/digits.tflite"), content)
        return os.path.join(self.folder, "digits")

    def configured(self):
        """A board that runs version one."""
        self.deploy("--bundle", self.one, "--config", self.config_file())

    def snapshot(self):
        """All of the board's files but its incoming folder and its lock."""
        found = {}
        for where, folders, names in os.walk(self.board.root):
            folders[:] = [name for name in folders if name != "incoming"]
            for name in names + folders:
                path = os.path.join(where, name)
                if os.path.islink(path):
                    found[path] = os.readlink(path)
                elif os.path.isfile(path) and name != "lock":
                    found[path] = read(path)
        return found


class AFirstDeployment(DeployTest):
    def test_installs_without_a_configuration_and_starts_nothing(self):
        said = self.deploy("--bundle", self.one)
        self.assertIn("there is no /etc/pinfer/config.yaml", said)
        self.assertEqual(self.board.release(), "1.0-a")
        self.assertFalse(os.path.exists(os.path.join(self.board.state, "pinferd.active")))

    def test_brings_configuration_and_model_and_starts(self):
        said = self.deploy("--bundle", self.one, "--config", self.config_file(),
                           "--model", self.model_folder())
        self.assertIn("switched: 1.0-a", said)
        self.assertIn("camera live", said)
        self.assertEqual(self.board.config(), GOOD_CONFIG)
        self.assertIsNotNone(self.board.model())
        self.assertFalse(os.path.exists(self.board.path("opt/pinfer/incoming")))

    def test_that_does_not_come_up_leaves_nothing_running(self):
        bad = make_bundle(os.path.join(self.folder, "bad"), "3.0-c", "broken")
        said = self.deploy("--bundle", bad, "--config", self.config_file(), "--wait", "1s", expect=1)
        self.assertIn("pinfer-guard is not up: the last words of the service", said)
        self.assertIsNone(self.board.release())
        self.assertIsNone(self.board.config())


class ASecondDeployment(DeployTest):
    def test_that_changes_nothing_does_nothing(self):
        self.configured()
        before = self.snapshot()
        said = self.deploy("--bundle", self.one, "--config", self.config_file())
        self.assertIn("unchanged: 1.0-a", said)
        self.assertEqual(self.snapshot(), before)

    def test_keeps_the_configuration_of_the_device(self):
        self.configured()
        write(self.board.path("etc/pinfer/config.yaml"), "board: edited\n")
        self.deploy("--bundle", self.two)
        self.assertEqual(self.board.release(), "2.0-b")
        self.assertEqual(self.board.config(), "board: edited\n")

    def test_goes_back_by_itself_when_the_service_does_not_come_up(self):
        self.configured()
        for behaviour, words in (("broken", "not up"), ("blind", "no frame has come")):
            bad = make_bundle(os.path.join(self.folder, behaviour), "3.0-" + behaviour, behaviour)
            said = self.deploy("--bundle", bad, "--wait", "1s", expect=1)
            self.assertIn(words, said)
            self.assertIn("back at 1.0-a", said)
            self.assertEqual(self.board.release(), "1.0-a")
            self.assertTrue(os.path.exists(os.path.join(self.board.state, "pinferd.active")))

    def test_without_frames_is_accepted_on_request(self):
        self.configured()
        blind = make_bundle(os.path.join(self.folder, "blind"), "3.0-c", "blind")
        self.deploy("--bundle", blind, "--no-frames")
        self.assertEqual(self.board.release(), "3.0-c")

    def test_does_not_blame_the_new_version_for_a_camera_that_was_lost_before(self):
        self.configured()
        write(os.path.join(self.board.state, "status"), "camera lost, 0 frames decided\n")
        blind = make_bundle(os.path.join(self.folder, "blind"), "3.0-c", "blind")
        self.assertIn("the camera gives no frames now", self.deploy("--bundle", blind))

    def test_is_undone_by_rollback_and_that_again(self):
        self.configured()
        model_one = self.model_folder("one")
        self.deploy("--bundle", self.one, "--model", model_one)
        first = self.board.model()
        new = self.config_file("board: simulated\nnew: 1\n")
        self.deploy("--bundle", self.two, "--config", new, "--model", self.model_folder("two"))
        second = self.board.model()
        self.assertIn("rolled back: 1.0-a", self.deploy("--rollback"))
        self.assertEqual((self.board.release(), self.board.config(), self.board.model()),
                         ("1.0-a", GOOD_CONFIG, first))
        self.deploy("--rollback")
        self.assertEqual((self.board.release(), self.board.config(), self.board.model()),
                         ("2.0-b", read(new), second))

    def test_rollback_leaves_a_configuration_that_was_edited_since(self):
        self.configured()
        self.deploy("--bundle", self.two, "--config", self.config_file("new: 1\n"))
        write(self.board.path("etc/pinfer/config.yaml"), "board: edited\n")
        self.assertIn("it stays", self.deploy("--rollback"))
        self.assertEqual(self.board.config(), "board: edited\n")

    def test_rollback_without_a_deployment_is_refused(self):
        self.deploy("--rollback", expect=4)

    def test_dry_run_changes_nothing(self):
        self.configured()
        before = self.snapshot()
        said = self.deploy("--bundle", self.two, "--config", self.config_file("new: 1\n"), "--dry-run")
        self.assertIn("would switch: 2.0-b", said)
        self.assertIn("+new: 1", said)
        self.assertEqual(self.snapshot(), before)


class AConfiguration(DeployTest):
    def test_is_replaced_with_a_difference_and_a_dated_copy(self):
        self.configured()
        said = self.deploy("--bundle", self.one, "--config", self.config_file("board: new\n"))
        self.assertIn("-board: simulated", said)
        self.assertIn("+board: new", said)
        self.assertEqual(self.board.config(), "board: new\n")
        copies = [name for name in os.listdir(self.board.path("etc/pinfer")) if ".yaml." in name]
        self.assertEqual([read(self.board.path("etc/pinfer/" + name)) for name in copies],
                         [GOOD_CONFIG])

    def test_that_was_edited_on_the_board_is_not_overwritten(self):
        self.configured()
        write(self.board.path("etc/pinfer/config.yaml"), "board: edited\n")
        new = self.config_file("board: new\n")
        said = self.deploy("--bundle", self.two, "--config", new, expect=4)
        self.assertIn("edited on this board", said)
        self.assertEqual(self.board.config(), "board: edited\n")
        self.deploy("--bundle", self.two, "--config", new, "--replace-config")
        self.assertEqual(self.board.config(), "board: new\n")

    def test_that_is_wrong_changes_nothing(self):
        self.configured()
        said = self.deploy("--bundle", self.two, "--config", self.config_file("wrong\n"), expect=3)
        self.assertIn("config.yaml:3:1: outputs: wrong", said)
        self.assertEqual(self.board.release(), "1.0-a")
        self.assertEqual(self.board.config(), GOOD_CONFIG)

    def test_whose_line_somebody_holds_is_refused(self):
        self.configured()
        said = self.deploy("--bundle", self.two, "--config", self.config_file("taken\n"), expect=4)
        self.assertIn("GPIO17 is held by 'other'", said)
        self.assertEqual(self.board.release(), "1.0-a")

    def test_keeps_its_bytes(self):
        text = "a: 'it''s $HOME `x` \\n'\nb: no end of line"
        self.deploy("--bundle", self.one, "--config", self.config_file(text))
        self.assertEqual(self.board.config(), text)


class Preflight(DeployTest):
    def refused(self, bundle, words, expect=4):
        before = self.snapshot()
        said = self.deploy("--bundle", bundle, expect=expect)
        self.assertIn(words, said)
        self.assertEqual(self.snapshot(), before)

    def special(self, **what):
        return make_bundle(os.path.join(self.folder, "special"), "3.0-c", **what)

    def test_names_the_missing_package(self):
        self.refused(self.special(needs="needs libnone.so.4 libnone4 libnone4 (>= 1)"),
                     "missing here: libnone.so.4; type there: sudo apt install libnone4")

    def test_refuses_another_architecture(self):
        self.refused(self.special(arch="armhf"), "this board is arm64, the bundle is for armhf")

    def test_refuses_an_old_glibc(self):
        self.refused(self.special(glibc="2.41"), "glibc 2.36 is too old: this bundle wants 2.41")

    def test_refuses_programs_that_do_not_start(self):
        foreign = self.special(behaviour="foreign")
        self.assertIn("do not run on this board", self.deploy("--bundle", foreign, expect=4))
        self.configured()
        self.assertIn("do not run on this board", self.deploy("--bundle", foreign, expect=4))
        self.assertEqual(self.board.release(), "1.0-a")

    def test_refuses_a_full_disk(self):
        write(os.path.join(self.board.state, "free"), "500\n")
        self.refused(self.one, "only 500 kB are free")

    def test_refuses_a_board_with_the_package(self):
        write(os.path.join(self.board.state, "package"), "")
        self.refused(self.one, "sudo apt remove pinfer")

    def test_says_who_holds_lines(self):
        write(self.board.path("sys/kernel/debug/gpio"),
              " gpio-17  (GPIO17              |other               ) out hi\n"
              " gpio-27  (GPIO27              |pinfer-guard        ) out lo\n")
        said = self.deploy("--bundle", self.one, "--dry-run")
        self.assertIn("line GPIO17 is held by 'other'", said)
        self.assertNotIn("GPIO27", said)

    def test_says_that_a_board_cannot_be_reached(self):
        said = self.deploy("--bundle", self.one, board="nowhere", expect=1)
        self.assertIn("nowhere: no connection", said)
        self.assertIn("No route to host", said)

    def test_finds_the_bundle_of_the_board(self):
        os.rename(self.one, os.path.join(self.folder, os.path.basename(self.one)))
        self.assertIn("would switch: 1.0-a", self.deploy("--bundle", self.folder, "--dry-run"))
        said = self.deploy("--bundle", os.path.join(self.folder, "boards"), expect=1)
        self.assertIn("there is no bundle pinfer-*-arm64-bookworm.tar.zst", said)


class Several(DeployTest):
    def test_boards_of_an_inventory_have_their_own_configurations(self):
        gate = self.add_board("gate")
        write(os.path.join(self.folder, "gate.yaml"), "board: gate\n")
        inventory = os.path.join(self.folder, "boards.txt")
        write(inventory, "# both doors\ndoor\ngate config=gate.yaml  # the new one\n")
        said = self.deploy("--inventory", inventory, "--bundle", self.one, board=None)
        self.assertIn("door: switched: 1.0-a", said)
        self.assertIn("2 of 2 boards done", said)
        self.assertEqual(gate.config(), "board: gate\n")
        self.assertIsNone(self.board.config())

    def test_one_that_fails_does_not_stop_the_others(self):
        inventory = os.path.join(self.folder, "boards.txt")
        write(inventory, "nowhere\ndoor\n")
        said = self.deploy("--inventory", inventory, "--bundle", self.one, "--json", board=None,
                           expect=1)
        boards = {entry["board"]: entry for entry in json.loads(said)["boards"]}
        self.assertFalse(boards["nowhere"]["ok"])
        self.assertEqual(boards["door"]["outcome"], "switched")

    def test_mistakes_of_an_inventory_have_a_line(self):
        inventory = os.path.join(self.folder, "boards.txt")
        write(inventory, "door\ngate konfig=x\n")
        said = self.deploy("--inventory", inventory, board=None, expect=3)
        self.assertIn("boards.txt:2: 'konfig=x' is not understood", said)


class Cut(DeployTest):
    def test_a_connection_that_breaks_anywhere_leaves_old_or_new(self):
        self.configured()
        words = ["--bundle", self.two, "--config", self.config_file("new: 1\n"),
                 "--model", self.model_folder()]
        ended = set()
        for call in range(1, 30):
            name = f"board{call}"
            board = self.board.copy(os.path.join(self.boards, name))
            os.remove(os.path.join(board.state, "calls"))
            done = self.deploy(*words, board=name, expect=None, SSH_CUT=str(call), SSH_WAIT="1")
            pair = (board.release(), board.config())
            self.assertIn(pair, [("1.0-a", GOOD_CONFIG), ("2.0-b", "new: 1\n")], done)
            ended.add(pair)
            if "closed by remote host" not in done:
                break
            if call % 4 == 3:  # the next one, uncut, gets there
                self.deploy(*words, board=name)
                self.assertEqual(board.release(), "2.0-b")
        self.assertEqual(len(ended), 2)
        self.assertGreater(call, 10)

    def cut_everywhere(self, start, old, new):
        """Loses power before each command of the switch that changes the disk."""
        seen = set()
        for number in range(1, 200):
            board = start.copy(os.path.join(self.folder, "cut"))
            code, said = board.run("switch", "2.0-b", board.path("opt/pinfer/incoming/config.yaml"),
                                   "digits", "two", "5", "frames", cut=number)
            board.power_up()
            state = (board.release(), board.config(), board.model())
            if code == 0:
                self.assertEqual(state, new, said)
                self.assertEqual(seen, {old, new}, "the cuts must have reached both")
                return number
            self.assertIn(state, [old, new], f"cut {number}: {said}")
            self.assertFalse(os.path.exists(board.path("opt/pinfer/trial")))
            seen.add(state)
            shutil.rmtree(board.folder)
        return self.fail("the switch never ends")

    def prepare(self):
        virtual.unpack_release(self.two, self.board, "2.0-b")
        write(self.board.path("opt/pinfer/incoming/config.yaml"), "new: 1\n")
        write(self.board.path("var/lib/pinfer/models/digits/two/digits.tflite"), "two")

    def test_power_lost_anywhere_in_an_update_boots_old_or_new(self):
        self.configured()
        self.deploy("--bundle", self.one, "--model", self.model_folder("one"))
        old = ("1.0-a", GOOD_CONFIG, self.board.model())
        self.prepare()
        self.assertGreater(self.cut_everywhere(self.board, old, ("2.0-b", "new: 1\n", "two")), 20)

    def test_power_lost_anywhere_in_a_first_installation_boots_nothing_or_all(self):
        self.prepare()
        self.cut_everywhere(self.board, (None, None, None), ("2.0-b", "new: 1\n", "two"))

    def test_power_lost_while_going_back_is_gone_back_again(self):
        self.configured()
        self.prepare()
        write(self.board.path("opt/pinfer/releases/2.0-b/bin/pinferd"), "broken\n")
        for number in range(30, 200):
            board = self.board.copy(os.path.join(self.folder, "cut"))
            code, _ = board.run("switch", "2.0-b", board.path("opt/pinfer/incoming/config.yaml"),
                                "digits", "two", "0", "frames", cut=number)
            board.power_up()
            self.assertEqual((board.release(), board.config(), board.model()),
                             ("1.0-a", GOOD_CONFIG, None))
            shutil.rmtree(board.folder)
            if code == 1:
                break
        self.assertEqual(code, 1)

    def test_two_at_once_do_not_meet(self):
        self.configured()
        with open(self.board.path("opt/pinfer/lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            said = self.deploy("--bundle", self.two, expect=4)
        self.assertIn("another deployment runs", said)


if __name__ == "__main__":
    PINFER = sys.argv.pop(1)
    unittest.main()
