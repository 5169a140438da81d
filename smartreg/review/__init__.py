"""The review of a change against its base: new findings, who may change what and who agreed, what a reviewer should
see. How one record differs from another belongs to `diff/`; what the history holds, to `history/`."""
