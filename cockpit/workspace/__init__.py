"""The workspace: git by plumbing, and the few files of the tree that the cockpit may write."""

from cockpit.workspace.adapter import GitWorkspace

__all__ = ["GitWorkspace"]
