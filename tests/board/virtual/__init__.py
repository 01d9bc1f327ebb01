# SPDX-License-Identifier: Apache-2.0
"""The virtual board: an emulated machine, its shell, its lines seen from outside, its camera."""
