"""Texts in English, 简体中文 and 繁體中文."""
