BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempt_members (
	attempt INTEGER NOT NULL, 
	student INTEGER NOT NULL, 
	PRIMARY KEY (attempt, student), 
	FOREIGN KEY(attempt) REFERENCES attempts ("key"), 
	FOREIGN KEY(student) REFERENCES students ("key")
);
CREATE TABLE attempts (
	"key" INTEGER NOT NULL, 
	student INTEGER NOT NULL, 
	term VARCHAR NOT NULL, 
	assignment VARCHAR NOT NULL, 
	file VARCHAR NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	path VARCHAR NOT NULL, 
	received VARCHAR, 
	problem TEXT, 
	flags TEXT NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (student, term, assignment, sha256), 
	FOREIGN KEY(student) REFERENCES students ("key")
);
INSERT INTO "attempts" VALUES(1,1,'demo','a01','ada.ipynb','9320b7a849bf25b6e1dd8984980f981feabc2ba2a83ca8e7efd2dcfb30c4ced7','grades/demo/a01/submissions/ada.9320b7a849bf25b6e1dd8984980f981feabc2ba2a83ca8e7efd2dcfb30c4ced7.ipynb',NULL,NULL,'[]');
INSERT INTO "attempts" VALUES(2,2,'demo','a01','bob.ipynb','3ab883c68ca22adf147639510834c84e9913b852dce96690e82e001b4300a560','grades/demo/a01/submissions/bob.3ab883c68ca22adf147639510834c84e9913b852dce96690e82e001b4300a560.ipynb',NULL,NULL,'[]');
CREATE TABLE extensions (
	"key" INTEGER NOT NULL, 
	student INTEGER NOT NULL, 
	term VARCHAR NOT NULL, 
	assignment VARCHAR NOT NULL, 
	due VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	recorded VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(student) REFERENCES students ("key")
);
CREATE TABLE manual_scores (
	"key" INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	question VARCHAR NOT NULL, 
	score VARCHAR NOT NULL, 
	comment TEXT NOT NULL, 
	"by" VARCHAR NOT NULL, 
	recorded VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(attempt) REFERENCES attempts ("key")
);
CREATE TABLE overrides (
	"key" INTEGER NOT NULL, 
	student INTEGER NOT NULL, 
	term VARCHAR NOT NULL, 
	assignment VARCHAR NOT NULL, 
	question VARCHAR, 
	score VARCHAR, 
	"by" VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	recorded VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	CONSTRAINT an_override_says_why CHECK (reason <> ''), 
	FOREIGN KEY(student) REFERENCES students ("key")
);
CREATE TABLE results (
	"key" INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	suite VARCHAR(64) NOT NULL, 
	variant VARCHAR(64) NOT NULL, 
	environment VARCHAR(64) NOT NULL, 
	isolation VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	document TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	recorded VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(attempt) REFERENCES attempts ("key")
);
INSERT INTO "results" VALUES(1,1,'369aa5951e044f53393e37551fc961769b310a00d241d1cd56d88950a333f8b3','220e576e23949ff65ef690cedf94bc02432f967e5fa811ad2b68ded1e3c4eb28','f2c3af3c83b69fcbe1c9732816d6e21e8ec85f53f6cd57bbc8b9cd7df237b18c','A+','0.1.0','{"schema": 1, "course": "mini", "term": "demo", "assignment": "a01", "status": "graded", "score": 100.0, "score_so_far": 100.0, "max_score": 100.0, "submission": {"file": "ada.ipynb", "sha256": "9320b7a849bf25b6e1dd8984980f981feabc2ba2a83ca8e7efd2dcfb30c4ced7", "received": null}, "questions": [{"id": "averages", "title": "Averages", "kind": "code", "score": 66.67, "max_score": 66.67, "status": "passed", "checks": [{"id": "test_mean_of_three", "title": "mean of three numbers", "visibility": "public", "score": 8.34, "max_score": 8.34, "outcome": "passed", "category": null, "message": ""}, {"id": "test_largest_of_three", "title": "largest of three numbers", "visibility": "public", "score": 8.33, "max_score": 8.33, "outcome": "passed", "category": null, "message": ""}, {"id": "test_mean_of_many", "title": "mean of many numbers", "visibility": "hidden", "score": 25.0, "max_score": 25.0, "outcome": "passed", "category": null, "message": ""}, {"id": "test_largest_of_negative", "title": "largest of negative numbers", "visibility": "hidden", "score": 16.67, "max_score": 16.67, "outcome": "passed", "category": null, "message": ""}, {"id": "test_empty_is_refused", "title": "an empty array raises a ValueError", "visibility": "hidden", "score": 8.33, "max_score": 8.33, "outcome": "passed", "category": null, "message": ""}]}, {"id": "centering", "title": "Centering", "kind": "code", "score": 33.33, "max_score": 33.33, "status": "passed", "checks": [{"id": "test_centered_values", "title": "three numbers, centered", "visibility": "public", "score": 11.11, "max_score": 11.11, "outcome": "passed", "category": null, "message": ""}, {"id": "test_shift", "title": "a shift is added", "visibility": "hidden", "score": 11.11, "max_score": 11.11, "outcome": "passed", "category": null, "message": ""}, {"id": "test_fit_returns_the_object", "title": "fit returns the object", "visibility": "hidden", "score": 11.11, "max_score": 11.11, "outcome": "passed", "category": null, "message": ""}]}], "provenance": {"suite": "369aa5951e044f53393e37551fc961769b310a00d241d1cd56d88950a333f8b3", "variant": "220e576e23949ff65ef690cedf94bc02432f967e5fa811ad2b68ded1e3c4eb28", "environment": "f2c3af3c83b69fcbe1c9732816d6e21e8ec85f53f6cd57bbc8b9cd7df237b18c", "isolation": "A+", "version": "0.1.0"}, "flags": [], "timings": {"read": 0.0165, "open": 0.0421, "checks": 0.0477}}','{"cells": {}, "questions": {"averages": {"checks": {}, "printed": ""}, "centering": {"checks": {}, "printed": ""}}}','2026-11-21T10:32:17+00:00');
INSERT INTO "results" VALUES(2,2,'369aa5951e044f53393e37551fc961769b310a00d241d1cd56d88950a333f8b3','220e576e23949ff65ef690cedf94bc02432f967e5fa811ad2b68ded1e3c4eb28','f2c3af3c83b69fcbe1c9732816d6e21e8ec85f53f6cd57bbc8b9cd7df237b18c','A+','0.1.0','{"schema": 1, "course": "mini", "term": "demo", "assignment": "a01", "status": "graded", "score": 36.11, "score_so_far": 36.11, "max_score": 100.0, "submission": {"file": "bob.ipynb", "sha256": "3ab883c68ca22adf147639510834c84e9913b852dce96690e82e001b4300a560", "received": null}, "questions": [{"id": "averages", "title": "Averages", "kind": "code", "score": 25.0, "max_score": 66.67, "status": "partial", "checks": [{"id": "test_mean_of_three", "title": "mean of three numbers", "visibility": "public", "score": 0.0, "max_score": 8.34, "outcome": "failed", "category": "value", "message": "your result: expected 3, got 0 Hint: Add them up, then divide."}, {"id": "test_largest_of_three", "title": "largest of three numbers", "visibility": "public", "score": 8.33, "max_score": 8.33, "outcome": "passed", "category": null, "message": ""}, {"id": "test_mean_of_many", "title": "mean of many numbers", "visibility": "hidden", "score": 0.0, "max_score": 25.0, "outcome": "failed", "category": "value", "message": "Your result differs from the right one. Hint: Look at the divisor."}, {"id": "test_largest_of_negative", "title": "largest of negative numbers", "visibility": "hidden", "score": 16.67, "max_score": 16.67, "outcome": "passed", "category": null, "message": ""}, {"id": "test_empty_is_refused", "title": "an empty array raises a ValueError", "visibility": "hidden", "score": 0.0, "max_score": 8.33, "outcome": "failed", "category": "raises", "message": "Your code stopped with an exception, or raised another one than it should. Hint: What has no mean?"}]}, {"id": "centering", "title": "Centering", "kind": "code", "score": 11.11, "max_score": 33.33, "status": "blocked", "checks": [{"id": "test_centered_values", "title": "three numbers, centered", "visibility": "public", "score": 0.0, "max_score": 11.11, "outcome": "blocked", "category": "value", "message": "This check needs your answer to averages, which does not pass all of its own checks yet, so the fault may lie there and not here."}, {"id": "test_shift", "title": "a shift is added", "visibility": "hidden", "score": 0.0, "max_score": 11.11, "outcome": "blocked", "category": "value", "message": "This check needs your answer to averages, which does not pass all of its own checks yet, so the fault may lie there and not here."}, {"id": "test_fit_returns_the_object", "title": "fit returns the object", "visibility": "hidden", "score": 11.11, "max_score": 11.11, "outcome": "passed", "category": null, "message": ""}]}], "provenance": {"suite": "369aa5951e044f53393e37551fc961769b310a00d241d1cd56d88950a333f8b3", "variant": "220e576e23949ff65ef690cedf94bc02432f967e5fa811ad2b68ded1e3c4eb28", "environment": "f2c3af3c83b69fcbe1c9732816d6e21e8ec85f53f6cd57bbc8b9cd7df237b18c", "isolation": "A+", "version": "0.1.0"}, "flags": ["centering: failed checks are blocked by averages"], "timings": {"read": 0.0154, "open": 0.0841, "checks": 0.03}}','{"cells": {}, "questions": {"averages": {"checks": {"test_mean_of_three": {"outcome": "failed", "category": "value", "detail": "CheckFailed: your result: expected 3, got 0"}, "test_mean_of_many": {"outcome": "failed", "category": "value", "detail": "CheckFailed: your result: expected 32.7048, got 0"}, "test_empty_is_refused": {"outcome": "failed", "category": "raises", "detail": "CheckFailed: expected ValueError, but the call returned float"}}, "printed": ""}, "centering": {"checks": {"test_centered_values": {"outcome": "blocked", "category": "value", "detail": "CheckFailed: your result: 2 of 2 entries are wrong; the first is at [0]: expected 0, got 3"}, "test_shift": {"outcome": "blocked", "category": "value", "detail": "CheckFailed: your result: 1 of 1 entries are wrong; the first is at [0]: expected 2.5, got 3.5"}}, "printed": ""}}}','2026-11-21T10:32:17+00:00');
CREATE TABLE roster (
	term VARCHAR NOT NULL, 
	student INTEGER NOT NULL, 
	PRIMARY KEY (term, student), 
	FOREIGN KEY(student) REFERENCES students ("key")
);
INSERT INTO "roster" VALUES('demo',1);
INSERT INTO "roster" VALUES('demo',2);
CREATE TABLE students (
	"key" INTEGER NOT NULL, 
	course VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	canvas_id VARCHAR NOT NULL, 
	sis_login VARCHAR NOT NULL, 
	section VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (course, id)
);
INSERT INTO "students" VALUES(1,'mini','ada','Ada','ada@example.org','','','');
INSERT INTO "students" VALUES(2,'mini','bob','Bob','bob@example.org','','','');
CREATE INDEX ix_extensions_student ON extensions (student);
CREATE INDEX ix_overrides_student ON overrides (student);
CREATE INDEX ix_results_attempt ON results (attempt);
CREATE INDEX ix_manual_scores_attempt ON manual_scores (attempt);
CREATE TRIGGER roster_no_update BEFORE UPDATE ON roster BEGIN SELECT RAISE(ABORT, 'roster is append-only'); END;
CREATE TRIGGER roster_no_delete BEFORE DELETE ON roster BEGIN SELECT RAISE(ABORT, 'roster is append-only'); END;
CREATE TRIGGER attempts_no_update BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'attempts is append-only'); END;
CREATE TRIGGER attempts_no_delete BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'attempts is append-only'); END;
CREATE TRIGGER attempt_members_no_update BEFORE UPDATE ON attempt_members BEGIN SELECT RAISE(ABORT, 'attempt_members is append-only'); END;
CREATE TRIGGER attempt_members_no_delete BEFORE DELETE ON attempt_members BEGIN SELECT RAISE(ABORT, 'attempt_members is append-only'); END;
CREATE TRIGGER results_no_update BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'results is append-only'); END;
CREATE TRIGGER results_no_delete BEFORE DELETE ON results BEGIN SELECT RAISE(ABORT, 'results is append-only'); END;
CREATE TRIGGER manual_scores_no_update BEFORE UPDATE ON manual_scores BEGIN SELECT RAISE(ABORT, 'manual_scores is append-only'); END;
CREATE TRIGGER manual_scores_no_delete BEFORE DELETE ON manual_scores BEGIN SELECT RAISE(ABORT, 'manual_scores is append-only'); END;
CREATE TRIGGER extensions_no_update BEFORE UPDATE ON extensions BEGIN SELECT RAISE(ABORT, 'extensions is append-only'); END;
CREATE TRIGGER extensions_no_delete BEFORE DELETE ON extensions BEGIN SELECT RAISE(ABORT, 'extensions is append-only'); END;
CREATE TRIGGER overrides_no_update BEFORE UPDATE ON overrides BEGIN SELECT RAISE(ABORT, 'overrides is append-only'); END;
CREATE TRIGGER overrides_no_delete BEFORE DELETE ON overrides BEGIN SELECT RAISE(ABORT, 'overrides is append-only'); END;
COMMIT;
